/** The user already has `maxSessions` sessions, and `whenFull` is `'refuse'`. */
export class TooManySessionsError extends Error {
  override readonly name = 'TooManySessionsError';

  /** @param max how many sessions the user may have */
  constructor(readonly max: number) {
    super(`The user has ${max} session(s) already, and may not have more.`);
  }
}

/** A session that was to get a new id has no place any more. */
export class PlaceLostError extends Error {
  /** @param isDisplaced whether another sign-in of its user has the place; otherwise, another request gives it a new id */
  constructor(readonly isDisplaced: boolean) {
    super('The session has no place any more.');
  }
}
