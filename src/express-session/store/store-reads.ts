import type { Request } from 'express';
import type { SessionData } from 'express-session';
import { httpSessionOf } from '../http-session.js';
import { isRowAtFault, isSound, mend, nameOf, UNSOUND } from './row.js';
import type { RowCallback } from './session-store.js';
import type { Fetched, Replacements, TakenStore } from './taken-store.js';

/**
 * The methods by which a session comes: `get` fetches a row, and while express-session is called back with it, it
 * calls `createSession` to load the session, or `generate` to make a new one. So the one leads to the other, and what
 * came is known without reading the cookie once more.
 */
export function storeReads(taken: TakenStore): Pick<Replacements, 'get' | 'createSession' | 'generate'> {
  const { own } = taken;

  const take = () => {
    const fetched = taken.arriving;
    taken.arriving = undefined;
    return fetched;
  };

  const arrive = (req: Request, origin: 'loaded' | 'new', fetched: Fetched | undefined) => {
    const session = httpSessionOf(req);
    const isFirst = session.origin === 'unseen';
    if (isFirst) session.arrive(origin, fetched?.sessionId, fetched?.fault);
    else session.trust();
    if (!isFirst && origin === 'loaded') return;
    session.application ??= taken.onlyApplication;
    session.application?.arrived(session, isFirst ? fetched?.ahead : undefined);
  };

  return {
    get(this: unknown, ...args) {
      const [sessionId, callback] = args as [string, RowCallback | undefined];
      if (typeof callback !== 'function') return Reflect.apply(own.get, this, args);
      const ahead = taken.onlyApplication?.fetching(sessionId);
      let isDone = false;

      const deliver = (row: Fetched['row'], fault?: string, error?: unknown) => {
        taken.arriving = { sessionId, row, fault, ahead };
        try {
          callback(error, row);
        } finally {
          taken.arriving = undefined;
        }
      };
      const fail = async (error: unknown) => {
        if (await isRowAtFault(taken, sessionId, error)) deliver(undefined, nameOf(error));
        else callback(taken.applications.reduce((failure, application) => application.failed(failure), error));
      };
      const done: RowCallback = (error, row) => {
        if (isDone) return;
        isDone = true;
        // express-session takes this code for "there is no such session".
        if (error && (error as { code?: unknown }).code !== 'ENOENT') void fail(error);
        else if (row && !isSound(row)) deliver(undefined, UNSOUND);
        else {
          if (row) mend(row);
          deliver(row, undefined, error);
        }
      };
      try {
        return Reflect.apply(own.get, this, [sessionId, done]);
      } catch (error) {
        if (isDone) throw error;
        return done(error);
      }
    },

    createSession(this: unknown, ...args) {
      const [req, row] = args as [Request, SessionData];
      const fetched = taken.arriving?.row === row ? take() : undefined;
      const session = Reflect.apply(own.createSession, this, args);
      if (fetched) arrive(req, 'loaded', fetched);
      return session;
    },

    generate(this: unknown, ...args) {
      const [req] = args as [Request];
      // Somebody else may look for another row first, and let express-session come while they are called back.
      const fetched = taken.arriving?.sessionId === req.sessionID ? take() : undefined;
      Reflect.apply(own.generate, this, args);
      arrive(req, 'new', fetched);
    },
  };
}
