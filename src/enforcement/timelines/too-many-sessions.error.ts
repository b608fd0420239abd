/** The user already has `maxSessions` sessions, and `whenFull` is `'refuse'`. */
export class TooManySessionsError extends Error {
  override readonly name = 'TooManySessionsError';

  /** @param max how many sessions the user may have */
  constructor(readonly max: number) {
    super(`The user has ${max} session(s) already, and may not have more.`);
  }
}
