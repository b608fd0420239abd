import { attempt, type MaybePromise } from '../../base/maybe-promise.js';
import { noop } from '../../base/noop.js';
import { knownKindOf } from './known-store.js';
import { answering, ask, call, type Callback, type Method, type SessionStore } from './session-store.js';
import type { Replacements, TakenStore } from './taken-store.js';

/** The methods by which stores tell which sessions they have. Both are optional. */
interface Listing {
  readonly sessions?: object;
  readonly ids?: unknown;
  readonly all?: unknown;
}

/**
 * The method that deletes all rows. The sessions end, if the store can tell which ones it has. Otherwise, a request that
 * is under way would bring its session back.
 */
export function storeClear(taken: TakenStore): Pick<Replacements, 'clear'> {
  const { own } = taken;
  return {
    clear(this: unknown, ...args) {
      const [callback] = args as [Callback | undefined];
      const clear = own.clear as Method;
      return answering(clear, callback, (done) => {
        const deleteRows = (deleted: Callback) => call(this, clear, [], deleted, !callback);
        void attempt(
          () => idsIn(taken.store),
          // The rows of later sessions must stay, so this does not wait for the ends.
          (ids) =>
            deleteRows((...results) => {
              const ends = Promise.all(taken.applications.map(async (hooks) => hooks.clearing(ids)));
              ends.then(
                () => done(...results),
                (failure) => done(results[0] ?? failure),
              );
            }),
          (failure) => deleteRows((error, ...others) => done(error ?? failure, ...others)),
        );
      });
    },
  };
}

/** The ids of all sessions in a store; none if it cannot tell them. */
function idsIn(store: SessionStore): MaybePromise<readonly string[]> {
  const { sessions = {}, ids, all } = store as Listing;
  if (knownKindOf(store) === 'memory') return Object.keys(sessions);
  const list = [ids, all].find((method): method is Method => typeof method === 'function');
  return list ? listOf(store, list).then(idsAmong) : [];
}

/** Asks for a list. A store may call back with it, or return a promise of it. */
function listOf(store: SessionStore, list: Method): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked: Method = (...args) => {
      const returned = Reflect.apply(list, store, args);
      if (returned instanceof Promise) returned.then((found) => found && resolve(found), noop);
      return returned;
    };
    ask(store, asked).then(resolve, reject);
  });
}

/** Some stores list ids, others list sessions that have an id, or an object with the ids as names. */
function idsAmong(found: unknown): readonly string[] {
  if (!Array.isArray(found)) return Object.keys(found ?? {});
  return found
    .map((each: unknown) => (typeof each === 'string' ? each : (each as { id?: unknown } | null)?.id))
    .filter((id) => typeof id === 'string');
}
