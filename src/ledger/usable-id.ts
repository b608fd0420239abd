import { printable, problemOfId } from '../policy/identifier.js';

/** A key or a user id that no ledger can store. It is not a failure of the ledger, and trying again does not help. */
export class UnusableIdError extends TypeError {
  override readonly name = 'UnusableIdError';

  constructor(what: string, problem: string, id: unknown) {
    super(`${what} ${problem}: ${printable(JSON.stringify(String(id).slice(0, 40)))}.`);
  }
}

/** @throws UnusableIdError if no ledger can store it */
export function assertKey(key: string): void {
  const problem = problemOfId(key);
  if (problem) throw new UnusableIdError('The hash of a session', problem, key);
}

/** @throws UnusableIdError if no ledger can store it */
export function assertUser(user: string | undefined): void {
  const problem = user === undefined ? undefined : problemOfId(user);
  if (problem) throw new UnusableIdError('The id of a user', problem, user);
}
