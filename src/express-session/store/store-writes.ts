import type { Request } from 'express';
import type { SessionData } from 'express-session';
import { attempt, chain, type MaybePromise } from '../../base/maybe-promise.js';
import type { HttpSession } from '../http-session.js';
import { httpSessionOf } from '../session-of-request.js';
import { isBeingRead } from './fetch.js';
import { copyForStore } from './own-copy.js';
import { hasEndedMeanwhile, isGone } from './row.js';
import { isShortened, isTouchSpared } from './row-lifetime.js';
import { answering, ask, call, type Callback, type Method } from './session-store.js';
import type { StoreHooks } from './store-hooks.js';
import type { Replacements, TakenStore } from './taken-store.js';

type Writes = Pick<Replacements, 'set' | 'touch' | 'destroy' | 'regenerate'>;

/** The methods that write, regenerate and destroy a session. */
export function storeWrites(taken: TakenStore): Writes {
  const { own } = taken;
  /** The session that the store is regenerating right now. The store destroys the session for this. */
  let regenerating: string | undefined;

  /** Calls a method of the store with a session. */
  const give = (
    store: unknown,
    method: Method,
    sessionId: string,
    session: SessionData,
    done: Callback,
    isAwaited = false,
  ) => {
    const { given, hasTaken } = taken.forStore(session);
    const answered: Callback = (...results) => {
      hasTaken();
      done(...results);
    };
    call(store, method, [sessionId, given], answered, isAwaited);
    hasTaken();
  };

  /** Writes a row as soon as it is not being updated. If its session ended meanwhile, deletes the row again. */
  const write = (store: unknown, sessionId: string, session: SessionData, done: Callback, isAwaited: boolean) => {
    const written: Callback = (...results) => {
      const [error] = results;
      for (const hooks of taken.applications) hooks.written(sessionId);
      if (error) return done(...results);
      void chain(hasEndedMeanwhile(taken, sessionId), (ended) =>
        ended ? ask(store, own.destroy, sessionId).then(() => done(), done) : done(...results),
      );
    };
    return taken.updates.after(sessionId, () => give(store, own.set, sessionId, session, written, isAwaited));
  };

  /** Passes on what a deletion calls back with. The row may be gone, because this package deletes rows, too. */
  const unlessGone =
    (given: string | readonly string[], done: Callback): Callback =>
    (...results) => {
      const [error] = results;
      if (!error || typeof given !== 'string') return done(...results);
      // Some stores fail to delete what is not there.
      void isGone(taken, given, error).then((gone) => (gone ? done() : done(...results)));
    };

  return {
    set(this: unknown, ...args) {
      const [sessionId, session, callback] = args as [string, SessionData, Callback | undefined];
      const current = currentSession(taken, sessionId, session);
      current?.sparedEnd?.noteWrite();
      // Judging may take time, and the caller may change the data meanwhile. What was judged must be what is written.
      const given = current ? session : copyForStore(session);
      const mayWrite = () => {
        if (current) return save(current);
        const { req } = session as WithRequest;
        const seen = req && seenSession(taken, req);
        if (seen) return saveKept(seen, sessionId, given);
        return chain(taken.isEnded(sessionId), (ended) => !ended && saveData(taken, sessionId, given));
      };
      return answering(own.set, callback, (done) => {
        void attempt(mayWrite, (may) => (may ? write(this, sessionId, given, done, !callback) : later(done)), done);
      });
    },

    touch(this: unknown, ...args) {
      const [sessionId, session, callback] = args as [string, SessionData, Callback | undefined];
      const current = currentSession(taken, sessionId, session);
      if (!current || typeof callback !== 'function') return Reflect.apply(own.touch as Method, this, args);
      if (isTouchSpared(taken.store, current)) return callback();
      const isShort = isShortened(taken.store, current);
      return give(this, own.touch as Method, sessionId, session, (...results) => {
        if (isShort) current.application?.written(sessionId);
        // With `resave`, express-session would otherwise save, and it touches only what was written before.
        else if (!results[0] && !current.sparedEnd?.isWritten) current.application?.touched(current);
        callback(...results);
      });
    },

    destroy(this: unknown, ...args) {
      const [given, callback] = args as [string | readonly string[], Callback | undefined];
      if (given === regenerating) {
        return Reflect.apply(own.destroy, this, callback ? [given, unlessGone(given, callback)] : args);
      }
      // While it reads, the store itself may delete a row that has expired. Nobody has signed out.
      if (isBeingRead(given)) return Reflect.apply(own.destroy, this, args);
      // Some stores take a list of ids, too.
      const ids = [given].flat();
      for (const id of ids) taken.destroyed.set(id, true);
      return answering(own.destroy, callback, (done) => {
        const deleteRow = (deleted: Callback) =>
          call(this, own.destroy, [given], unlessGone(given, deleted), !callback);
        void attempt(
          () => taken.ofAny((hooks) => chain(destroyingAll(hooks, ids), () => false)),
          () => deleteRow(done),
          (failure) => deleteRow((error, ...others) => done(error ?? failure, ...others)),
        );
      });
    },

    regenerate(this: unknown, ...args) {
      const [req, callback] = args as [Request, Callback | undefined];
      const session = httpSessionOf(req);
      return answering(own.regenerate, callback, (done) => {
        void attempt(
          () => (session.application ?? taken.applications[0])?.regenerating(session) ?? false,
          (isSeenTo) => {
            regenerating = isSeenTo ? req.sessionID : undefined;
            try {
              call(this, own.regenerate, [req], done);
            } finally {
              regenerating = undefined;
            }
          },
          done,
        );
      });
    },
  };
}

/** A session that express-session has put on a request. Other code may write just data. */
interface WithRequest {
  readonly req?: Request;
}

/** Returns the session of the request if it is still this session. */
function currentSession(taken: TakenStore, sessionId: string, session: SessionData): HttpSession | undefined {
  const { req } = session as WithRequest;
  return req?.session === session && req.sessionID === sessionId ? seenSession(taken, req) : undefined;
}

/**
 * Returns the session of a request if it is known how the request has got it, and which application judges it. The
 * application may make a session object of any data, also for an object that inherits from a request.
 */
function seenSession(taken: TakenStore, req: Request): HttpSession | undefined {
  const session = httpSessionOf(req);
  if (session.req !== req || session.origin === 'unseen') return undefined;
  session.application ??= taken.applicationOf(req);
  return session.application && session;
}

/** @returns whether the session still has to be written */
function save(session: HttpSession): MaybePromise<boolean> {
  session.repair({ isSaved: true });
  return session.application?.saving(session) ?? true;
}

/** @returns whether the store may write it */
function saveKept(session: HttpSession, sessionId: string, kept: SessionData): MaybePromise<boolean> {
  return session.application?.savingKept(session, sessionId, kept) ?? true;
}

/** @returns whether the store may write it */
function saveData(taken: TakenStore, sessionId: string, data: SessionData): MaybePromise<boolean> {
  const refused = taken.ofAny((hooks) => chain(hooks.savingData(sessionId, data, taken), (may) => !may));
  return chain(refused, (is) => !is);
}

/** Calls the hook for each session. If it fails for one of them, the others end all the same. */
function destroyingAll(hooks: StoreHooks, sessionIds: readonly string[]): MaybePromise<unknown> {
  const [first] = sessionIds;
  if (sessionIds.length === 1) return hooks.destroying(first as string);
  return Promise.all(sessionIds.map(async (sessionId) => hooks.destroying(sessionId)));
}

/** Calls back in a later turn, as stores do, so that the code after the call runs first. */
const later = (done: Callback) => void setImmediate(() => done());
