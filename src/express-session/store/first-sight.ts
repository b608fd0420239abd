import type { Request } from 'express';
import type { SessionStore } from './session-store.js';

/** The object that all requests of an Express application inherit from. */
type RequestPrototype = Partial<Pick<Request, 'sessionStore'>>;

/**
 * Passes the first session store to `take` when express-session puts it on a request, before it reads the session. So
 * even the first request is known from its beginning, no matter how express-session is mounted.
 *
 * @param requests `app.request` of the Express application
 * @returns a function that stops watching
 */
export function watchForStore(requests: RequestPrototype, take: (store: SessionStore) => void): () => void {
  const stop = () => void delete requests.sessionStore;
  Object.defineProperty(requests, 'sessionStore', {
    configurable: true,
    get: () => undefined,
    set(this: Request, store: SessionStore) {
      stop();
      this.sessionStore = store;
      take(store);
    },
  });
  return stop;
}
