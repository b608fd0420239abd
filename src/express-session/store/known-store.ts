import type { Method, SessionStore } from './session-store.js';

/** A store whose code we know. */
export type Kind = 'memory' | 'connect-redis' | 'connect-pg-simple' | undefined;

/** What is known about a store. */
interface Known {
  readonly kind: Kind;
  readonly hasOwnTtl: boolean;
}

const stores = new WeakMap<SessionStore, Known>();

/** Cached, because each request asks for it. */
function knownOf(store: SessionStore): Known {
  const before = stores.get(store);
  if (before) return before;
  const known = { kind: kindOf(store), hasOwnTtl: computesTtl(store) };
  stores.set(store, known);
  return known;
}

/** Returns which known store this is, or a subclass of it. */
export function knownKindOf(store: SessionStore): Kind {
  return knownOf(store).kind;
}

/** Recognises a store by more than its class, because other packages have a `MemoryStore` and a `RedisStore`, too. */
function kindOf(store: SessionStore): Kind {
  if (isMemoryStore(store) && Object.getPrototypeOf(store.sessions) === null && !('options' in store)) return 'memory';
  if (hasClass(store, 'RedisStore') && 'disableTTL' in store && 'client' in store) return 'connect-redis';
  if (hasClass(store, 'PGStore') && 'pruneSessions' in store && 'quotedTable' in store) return 'connect-pg-simple';
  return undefined;
}

/** Whether an object is an instance of a class with this name, or of a subclass. */
function hasClass(object: object, name: string): boolean {
  for (let proto = Object.getPrototypeOf(object); proto; proto = Object.getPrototypeOf(proto)) {
    if (proto.constructor?.name === name) return true;
  }
  return false;
}

/**
 * Whether a store is express-session's `MemoryStore` or a subclass, whatever the subclass changes. Its sessions are lost
 * at a restart.
 */
export function isMemoryStore(store: object): store is { readonly sessions: object } {
  const { sessions } = store as { readonly sessions?: unknown };
  return hasClass(store, 'MemoryStore') && typeof sessions === 'object' && sessions !== null;
}

/**
 * Whether a store is known to make a new object for each reader, because it keeps its rows as text. Other stores may keep
 * the objects that they are given, or have a cache. Subclasses and wrappers of known stores may do so, too.
 */
export function readsText(store: SessionStore, get: Method): boolean {
  return isOwnMethod(store, 'get', get, ['memory', 'connect-redis', 'connect-pg-simple']);
}

/**
 * Whether a store is known to turn a session into text as soon as it gets it. connect-pg-simple does so only when its
 * pool has a free connection, and the application may have changed the session by then.
 */
export function writesTextAtOnce(store: SessionStore, set: Method): boolean {
  return isOwnMethod(store, 'set', set, ['memory', 'connect-redis']);
}

/** Whether connect-redis computes itself how long it keeps a row. A subclass may do so. */
export function hasOwnTtl(store: SessionStore): boolean {
  return knownOf(store).hasOwnTtl;
}

function computesTtl(store: SessionStore): boolean {
  return TTL_METHODS.every((name) => {
    const method = (store as { readonly [name in TtlMethod]?: Method })[name];
    return method === undefined || isFrom(CLASSES['connect-redis'], store, name, method);
  });
}

/** The names of the method in connect-redis 9, and in 8 and before. */
const TTL_METHODS = ['getTTL', '_getTTL'] as const;
type TtlMethod = (typeof TTL_METHODS)[number];

/** Whether a method is that of a known store itself, and the store uses JSON. */
function isOwnMethod(store: SessionStore, name: 'get' | 'set', method: Method, known: readonly Kind[]): boolean {
  const kind = knownKindOf(store);
  const { serializer = JSON } = store as { readonly serializer?: unknown };
  return (
    kind !== undefined && known.includes(kind) && serializer === JSON && isFrom(CLASSES[kind], store, name, method)
  );
}

const CLASSES: Record<NonNullable<Kind>, string> = {
  memory: 'MemoryStore',
  'connect-redis': 'RedisStore',
  'connect-pg-simple': 'PGStore',
};

/** Whether a store has a method from the class with this name. A subclass may have the same name. */
function isFrom(className: string, store: SessionStore, name: 'get' | 'set' | TtlMethod, method: Method): boolean {
  for (let proto = Object.getPrototypeOf(store); proto; proto = Object.getPrototypeOf(proto)) {
    if (!Object.hasOwn(proto, name)) continue;
    return proto[name] === method && proto.constructor.name === className && !hasClass(proto, className);
  }
  return false;
}
