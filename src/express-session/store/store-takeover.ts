import type { SessionStore } from './session-store.js';
import type { StoreHooks } from './store-hooks.js';
import { storeReads } from './store-reads.js';
import { storeWrites } from './store-writes.js';
import { takenStore, TakenStore } from './taken-store.js';

/**
 * Takes a store over for an application. express-session calls most methods on the store itself, and not through the
 * request, so they are replaced in place: there, all that happens to a session passes through.
 *
 * @throws Error if the store cannot be changed
 */
export function takeOver(store: SessionStore, application: StoreHooks): TakenStore {
  const taken =
    takenStore(store) ?? new TakenStore(store, (taken) => ({ ...storeReads(taken), ...storeWrites(taken) }));
  taken.join(application);
  return taken;
}
