import type { MaybePromise } from '../../ledger/maybe-promise.js';
import type { HttpSession } from '../http-session.js';

/** What an application wants to know of the sessions in its store, and decides about them. */
export interface StoreHooks {
  /** A session is being fetched. What this returns is handed to {@link arrived} of the request that asked. */
  fetching(sessionId: string): unknown;
  /** express-session has put a session on a request: loaded from the store, or newly made. */
  arrived(session: HttpSession, fetched: unknown): void;
  /**
   * Before a session is written. It may be given a new id here, which has to happen before this returns.
   *
   * @returns whether the store still has to write it
   */
  saving(session: HttpSession): MaybePromise<boolean>;
  /** Whether a session has ended. */
  isEnded(sessionId: string): MaybePromise<boolean>;
  /** Whether a row that lives `lifetime` milliseconds after each touch may go without one now. */
  sparesTouch(session: HttpSession, lifetime: number): boolean;
  /** A row has been touched. */
  touched(session: HttpSession): void;
  /** Before a session's row is destroyed. If it fails, the row goes all the same, and the caller gets the error. */
  destroying(sessionId: string): MaybePromise<unknown>;
  /**
   * Before a request's session is given up for one with a new id. If it fails, the caller gets the error.
   *
   * @returns whether the application has seen to the end of the session, so that {@link destroying} need not
   */
  regenerating(session: HttpSession): MaybePromise<boolean>;
}
