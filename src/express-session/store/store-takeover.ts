import type { SessionStore } from './session-store.js';
import type { StoreHooks } from './store-hooks.js';
import { storeClear } from './store-clear.js';
import { storeReads } from './store-reads.js';
import { storeWrites } from './store-writes.js';
import { takenStore, TakenStore } from './taken-store.js';

/**
 * Takes a store over for an application. express-session calls most methods on the store itself, and not through the
 * request. So the methods are replaced in place, where everything that happens to a session passes through.
 *
 * @throws Error if there is none, or it cannot be changed
 */
export function takeOver(store: SessionStore | undefined, application: StoreHooks): TakenStore {
  if (!store) {
    throw new Error(
      'The session on the request has no store, so it does not come from express-session. For example, cookie-session ' +
        'keeps sessions in the cookie, where no server can end them. Use express-session instead.',
    );
  }
  const taken =
    takenStore(store) ??
    new TakenStore(store, (taken) => ({ ...storeReads(taken), ...storeWrites(taken), ...storeClear(taken) }));
  taken.join(application);
  return taken;
}
