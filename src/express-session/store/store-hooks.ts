import type { Request } from 'express';
import type { SessionData } from 'express-session';
import type { MaybePromise } from '../../base/maybe-promise.js';
import type { HttpSession } from '../http-session.js';

/** The rows of a store. */
export interface Rows {
  read(sessionId: string): Promise<unknown>;
  delete(sessionId: string): Promise<unknown>;
}

/** The hooks by which an application learns about the sessions in its store, and decides about them. */
export interface StoreHooks {
  /** Whether a request has come to this application. */
  serves(req: Request): boolean;
  /** Called when a session is read. The returned value is passed to {@link arrived} of the same request. */
  fetching(sessionId: string): unknown;
  /** Called when express-session has put a session on a request, loaded from the store or newly made. */
  arrived(session: HttpSession, fetched: unknown): void;
  /** Called when the application has loaded the session of a request again, as with `req.session.reload()`. */
  reloaded(session: HttpSession): void;
  /**
   * Called before a session is written. This hook may give the session a new id, but has to do this before it returns.
   *
   * @returns whether the store still has to write it
   */
  saving(session: HttpSession): MaybePromise<boolean>;
  /**
   * Called before a session object is written that a handler has kept, and that is not the one on its request any more.
   * It cannot get a new id.
   *
   * @returns whether the store may write it
   */
  savingKept(session: HttpSession, sessionId: string, kept: SessionData): MaybePromise<boolean>;
  /**
   * Called before data is written that is not the session of a request, for example by a job or with `store.set()`. It
   * cannot get a new id.
   *
   * @param stored the rows of the store
   * @returns whether the store may write it
   */
  savingData(sessionId: string, data: SessionData, stored: Rows): MaybePromise<boolean>;
  /** Whether a session has ended. */
  isEnded(sessionId: string): MaybePromise<boolean>;
  /** Whether a row that lives `lifetime` milliseconds after each touch needs no touch now. */
  sparesTouch(session: HttpSession, lifetime: number): boolean;
  /** Called when a row has been touched. */
  touched(session: HttpSession): void;
  /** Called when the application has written a row. The store may keep it for less time than after a touch. */
  written(sessionId: string): void;
  /**
   * Called before the row of a session is destroyed. If the hook fails, the row is still destroyed, and the caller gets
   * the error.
   */
  destroying(sessionId: string): MaybePromise<unknown>;
  /** Called when all rows have been deleted at once. The caller gets the error if the hook fails. */
  clearing(sessionIds: readonly string[]): MaybePromise<unknown>;
  /**
   * Called before a request gets a session with a new id in place of its own. If the hook fails, the caller gets the
   * error.
   *
   * @returns whether this hook has ended the session, so that {@link destroying} does not have to
   */
  regenerating(session: HttpSession): MaybePromise<boolean>;
}
