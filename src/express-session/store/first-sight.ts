import type { Request } from 'express';
import { httpSessionOf } from '../session-of-request.js';
import { SparedEnd } from '../spared-end.js';
import type { SessionStore } from './session-store.js';

/** The object that all requests of an Express application inherit from. */
type RequestPrototype = Partial<Pick<Request, 'sessionStore'>>;

/**
 * Passes each session store to `take` when express-session puts it on a request for the first time, before it reads the
 * session. So even the first request is known from its beginning, no matter how express-session is mounted, and how
 * often: for a part of the site, in an Express application of its own, or by other middleware.
 *
 * @param requests `app.request` of the Express application
 * @returns a function that stops watching
 */
export function watchForStores(requests: RequestPrototype, take: (store: SessionStore) => void): () => void {
  const seen = new WeakSet<SessionStore>();
  Object.defineProperty(requests, 'sessionStore', {
    configurable: true,
    get: () => undefined,
    set(this: Request, store: SessionStore) {
      Object.defineProperty(this, 'sessionStore', {
        value: store,
        writable: true,
        enumerable: true,
        configurable: true,
      });
      // The handshake of a WebSocket has no response of Express.
      const { res } = this;
      if (res?.locals) httpSessionOf(this).sparedEnd ??= SparedEnd.begin(this, res);
      if (seen.has(store)) return;
      seen.add(store);
      take(store);
    },
  });
  return () => void delete requests.sessionStore;
}
