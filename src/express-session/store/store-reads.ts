import type { Request } from 'express';
import type { SessionData } from 'express-session';
import type { HttpSession } from '../http-session.js';
import { httpSessionOf } from '../session-of-request.js';
import { SparedEnd } from '../spared-end.js';
import { begin, Fetch } from './fetch.js';
import { isTouchSpared, rowLifetime } from './row-lifetime.js';
import { catchRejection, type RowCallback } from './session-store.js';
import type { Fetched, Replacements, TakenStore } from './taken-store.js';

/**
 * The methods that load a session. `get` reads a row. In its callback, express-session calls `createSession` to load
 * the session, or `generate` to make a new one. So we know what has come without parsing the cookie again.
 */
export function storeReads(taken: TakenStore): Pick<Replacements, 'get' | 'createSession' | 'generate'> {
  const { own } = taken;

  const take = () => {
    const fetched = taken.arriving;
    taken.arriving = undefined;
    return fetched;
  };

  /** @param before the id of the session that was on the request before */
  const arrive = (req: Request, origin: 'loaded' | 'new', fetched: Fetched | undefined, before: string | undefined) => {
    const session = httpSessionOf(req);
    // What happens to an object that inherits from a request does not happen to the request.
    if (session.req !== req) return;
    // If code has taken the first session off the request, a second express-session provides another one. The
    // application may also load another session itself, whose id it has from a header. reload() has the same id.
    const isFirst = session.origin === 'unseen' || (fetched !== undefined && fetched.sessionId !== before);
    spareEnd(session, origin, fetched?.row);
    if (isFirst) session.arrive(origin, fetched?.sessionId, fetched?.fault);
    else session.trust();
    if (origin === 'new') session.newId = req.sessionID;
    if (!isFirst && origin === 'loaded') return session.application?.reloaded(session);
    session.application ??= taken.applicationOf(req);
    if (session.application) session.application.arrived(session, isFirst ? fetched?.ahead : undefined);
    else if (origin === 'loaded') session.keep(fetched?.row);
  };

  /** Lets express-session skip its work at the end, if this is the only session that it puts on the request. */
  const spareEnd = (session: HttpSession, origin: 'loaded' | 'new', row: SessionData | null | undefined) => {
    const { sparedEnd, cookie } = session;
    if (session.origin !== 'unseen' || origin === 'new' || !row) return sparedEnd?.leave();
    if (rowLifetime(taken.store, cookie) === undefined) return;
    sparedEnd?.expect(row, () => isTouchSpared(taken.store, session));
  };

  const ownRow = (returned: unknown) =>
    returned instanceof Promise ? returned.then((row: unknown) => taken.forRequest(row)) : returned;

  return {
    get(this: unknown, ...args) {
      const [sessionId, callback] = args as [string, RowCallback | undefined];
      SparedEnd.noteRead();
      if (typeof callback !== 'function') return ownRow(Reflect.apply(own.get, this, args));
      const fetch = new Fetch(taken, sessionId, callback, taken.onlyApplication?.fetching(sessionId));
      try {
        const returned = begin(fetch, () => Reflect.apply(own.get, this, [sessionId, fetch.answer]));
        catchRejection(returned, () => fetch.isAnswered, fetch.answer);
        return returned;
      } catch (error) {
        if (fetch.isAnswered) throw error;
        return fetch.answer(error);
      }
    },

    createSession(this: unknown, ...args) {
      const [req, row] = args as [Request, SessionData];
      const fetched = taken.arriving?.row === row ? take() : loadedElsewhere(req, row);
      const before = req.session?.id;
      const session = Reflect.apply(own.createSession, this, args);
      if (fetched) arrive(req, 'loaded', fetched, before);
      // The application may have replaced it.
      return fetched ? req.session : session;
    },

    generate(this: unknown, ...args) {
      const [req] = args as [Request];
      // Other code may read another row first, and call express-session in the callback.
      const fetched = taken.arriving?.sessionId === req.sessionID ? take() : undefined;
      const before = req.session?.id;
      Reflect.apply(own.generate, this, args);
      arrive(req, 'new', fetched, before);
    },
  };
}

/**
 * The row of a request that did not come from our `get`, because other code has changed or copied it on its way. An
 * object that only stands for a request may be given any data, which nobody has stored yet.
 */
function loadedElsewhere(req: Request, row: SessionData): Fetched | undefined {
  const isFirst = Boolean(req.headers) && httpSessionOf(req).origin === 'unseen';
  return isFirst ? { sessionId: req.sessionID, row, fault: undefined, ahead: undefined } : undefined;
}
