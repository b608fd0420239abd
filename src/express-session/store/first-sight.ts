import type { Request } from 'express';
import { countMounted } from '../mounted-session.js';
import type { SessionStore } from './session-store.js';

/** The object that all requests of an Express application inherit from. */
type RequestPrototype = Partial<Pick<Request, 'sessionStore'>>;

/**
 * Passes each session store to `take` when express-session puts it on a request for the first time, before it reads the
 * session. So even the first request is known from its beginning, no matter how express-session is mounted. Watching
 * takes time on each request, so it stops with the first store if the application has only one express-session.
 *
 * @param requests `app.request` of the Express application
 * @returns a function that stops watching
 */
export function watchForStores(requests: RequestPrototype, take: (store: SessionStore) => void): () => void {
  const seen = new WeakSet<SessionStore>();
  const stop = () => void delete requests.sessionStore;
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
      if (seen.has(store)) return;
      seen.add(store);
      if (countMounted(this) === 1) stop();
      take(store);
    },
  });
  return stop;
}
