import { hasClass } from '../memory-store.js';
import type { OwnMethods } from './own-methods.js';
import type { Method, SessionStore } from './session-store.js';

/** A store whose code we know. */
export type Kind = 'memory' | 'connect-redis' | 'connect-pg-simple' | undefined;

const kinds = new WeakMap<SessionStore, { readonly kind: Kind }>();

/** Returns which known store this is, or a subclass of it. */
export function knownKindOf(store: SessionStore): Kind {
  const known = kinds.get(store);
  if (known) return known.kind;
  const kind = kindOf(store);
  kinds.set(store, { kind });
  return kind;
}

/** Recognises a store by more than its name, because other packages have a `MemoryStore` and a `RedisStore`, too. */
function kindOf(store: SessionStore): Kind {
  const { sessions } = store as { readonly sessions?: unknown };
  if (hasClass(store, 'MemoryStore') && isTable(sessions) && !('options' in store)) return 'memory';
  if (hasClass(store, 'RedisStore') && 'disableTTL' in store && 'client' in store) return 'connect-redis';
  if (hasClass(store, 'PGStore') && 'pruneSessions' in store && 'quotedTable' in store) return 'connect-pg-simple';
  return undefined;
}

/** express-session's own store keeps its rows in an object without a prototype. */
function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
}

const CLASSES: Record<NonNullable<Kind>, string> = {
  memory: 'MemoryStore',
  'connect-redis': 'RedisStore',
  'connect-pg-simple': 'PGStore',
};

/**
 * Whether a store is known to keep its rows as text, so that it makes a new object for each reader. Other stores may
 * keep the objects that they are given, or have a cache. Subclasses and wrappers of known stores may do so, too.
 *
 * @param own the methods that the store itself has
 */
export function keepsText(store: SessionStore, { get, set }: Pick<OwnMethods, 'get' | 'set'>): boolean {
  const kind = knownKindOf(store);
  const { serializer = JSON } = store as { readonly serializer?: unknown };
  if (!kind || serializer !== JSON) return false;
  return classWith(store, 'get', get) === CLASSES[kind] && classWith(store, 'set', set) === CLASSES[kind];
}

/** Returns the name of the class that a method of a store comes from, if the store has the method from a class. */
function classWith(store: SessionStore, name: 'get' | 'set', method: Method): string | undefined {
  for (let proto = Object.getPrototypeOf(store); proto; proto = Object.getPrototypeOf(proto)) {
    if (Object.hasOwn(proto, name)) return proto[name] === method ? proto.constructor.name : undefined;
  }
  return undefined;
}
