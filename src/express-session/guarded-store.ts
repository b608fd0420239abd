import type { Request } from 'express';
import type { SessionData, Store } from 'express-session';
import { attempt, type MaybePromise } from '../ledger/maybe-promise.js';

/** A store as express-session leaves it: it makes sessions, too. */
type SessionStore = Store & Pick<Request['sessionStore'], 'generate'>;

/** What happens to sessions when the application writes, destroys or regenerates them. */
export interface StoreHooks {
  /** Before a session's row is destroyed. */
  destroying(sessionId: string): MaybePromise<unknown>;
  /** Before a request's session is given up for one with a new id. */
  regenerating(req: Request): MaybePromise<unknown>;
  /** Whether a session has ended. */
  isEnded(sessionId: string): MaybePromise<boolean>;
}

type Callback = (error?: unknown) => void;

/** The store behind each guarded one. */
const rawStores = new WeakMap<SessionStore, SessionStore>();

/** The store itself, if `store` is guarded. */
export function rawStore(store: SessionStore): SessionStore {
  return rawStores.get(store) ?? store;
}

/**
 * Guards the session stores, so that ended is final: `req.session.destroy()` and `regenerate()` leave a
 * tombstone first, and a slow request that saves its session after the end brings nothing back. Each store
 * is guarded once; nothing is made per request.
 */
export class GuardedStores {
  private readonly guarded = new WeakMap<SessionStore, SessionStore>();

  constructor(private readonly hooks: StoreHooks) {}

  /** Puts a guarded store in the place of the request's own. */
  install(req: Request): void {
    const store = req.sessionStore;
    if (rawStores.has(store)) return;
    let guarded = this.guarded.get(store);
    if (!guarded) {
      guarded = guard(store, this.hooks);
      this.guarded.set(store, guarded);
      rawStores.set(guarded, store);
    }
    req.sessionStore = guarded;
  }
}

function guard(store: SessionStore, hooks: StoreHooks): SessionStore {
  const guarded: Partial<SessionStore> = {
    destroy(sessionId: string, callback?: Callback) {
      after(
        () => hooks.destroying(sessionId),
        () => call((done) => store.destroy(sessionId, done), callback),
      );
    },

    regenerate(req: Request, callback: Callback) {
      after(
        () => hooks.regenerating(req),
        () => call((done) => store.regenerate(req, done), callback),
      );
    },

    set(sessionId: string, session: SessionData, callback?: Callback) {
      store.set(sessionId, session, (error?: unknown) => {
        if (error) return callback?.(error);
        after(
          () => hooks.isEnded(sessionId),
          (ended) => (ended ? call((done) => store.destroy(sessionId, done), callback) : callback?.()),
        );
      });
    },
  };

  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(guarded, name)) return guarded[name as keyof SessionStore];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' && name !== 'constructor' ? value.bind(target) : value;
    },
  });
}

/**
 * The store's own work goes on when the ledger fails, which reports that itself: a sign-out still deletes
 * the row, and what a late save left behind is judged by the ledger before it is used.
 */
function after<T>(hook: () => MaybePromise<T>, work: (result?: T) => void): void {
  void attempt(hook, work, () => work());
}

/** Calls a store, which may throw instead of calling back. What the callback itself throws is not ours. */
function call(store: (done: Callback) => void, callback?: Callback): void {
  let isDone = false;
  try {
    store((error) => {
      isDone = true;
      callback?.(error);
    });
  } catch (error) {
    if (isDone || !callback) throw error;
    callback(error);
  }
}
