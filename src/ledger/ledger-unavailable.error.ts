import { attempt, type MaybePromise } from '../base/maybe-promise.js';

/** The ledger did not answer: it failed, it took too long, or too many commands are already waiting. */
export class LedgerUnavailableError extends Error {
  override readonly name = 'LedgerUnavailableError';

  /** @param late the answer, if it may still come later */
  constructor(
    message: string,
    options?: ErrorOptions,
    readonly late?: Promise<unknown>,
  ) {
    super(message, options);
  }
}

/** Returns the late answer of a ledger to a command that has failed with `error`; `undefined` if no answer can come. */
export function lateAnswer(error: unknown): Promise<unknown> | undefined {
  return error instanceof LedgerUnavailableError ? error.late : undefined;
}

/** Reports an answer of the ledger, also if it comes too late for the caller: what it says has happened anyway. */
export function orLate<T>(ask: () => MaybePromise<T>, report: (answer: T) => T): MaybePromise<T> {
  return attempt(ask, report, (error) => {
    lateAnswer(error)?.then((answer) => report(answer as T));
    throw error;
  });
}
