/**
 * Returns a copy of a row, for one request alone. A store may return the same object to several requests. Then one
 * request would see what another one has not saved yet, such as its user.
 */
export function copyForRequest<T extends object>(row: T): T {
  if (isForeign(row)) return row;
  const copies = new Copies();
  const copy = { ...row };
  copies.copyItemsOf(copy);
  copies.finish();
  return copy;
}

/** Returns a copy of a session, for the store to keep. The application may change the session after it was saved. */
export function copyForStore<T extends object>(session: T): T {
  if (isForeign(session)) return session;
  const properties: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(session);
  const copies = new Copies();
  for (const property of Object.values(properties)) {
    if (property.enumerable && 'value' in property) property.value = copies.of(property.value);
  }
  copies.finish();
  return Object.create(Object.getPrototypeOf(session) as object | null, properties) as T;
}

/**
 * Returns a function that gives a session what the store has changed in its copy, such as the time of the last write.
 * express-session compares the session with what it was. Only the first call does something.
 */
export function carryBack(copy: object, session: object): () => void {
  const before: Fields = { ...copy };
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    const after = copy as Fields;
    for (const name of Object.keys({ ...before, ...after })) {
      if (after[name] === before[name]) continue;
      if (name in after) (session as Fields)[name] = after[name];
      else delete (session as Fields)[name];
    }
  };
}

type Fields = Record<string, unknown>;

/** Copies data without recursion, because data may be nested more deeply than function calls can be. */
class Copies {
  /** The copies so far, as an object may stand in several places, or contain itself. */
  private readonly made = new Map<object, object>();
  /** The copies that still have the items of their originals. */
  private readonly unfinished: object[] = [];

  /** Returns a copy of a value. {@link finish} copies its items. */
  of(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const known = this.made.get(value);
    if (known) return known;
    const copy = shallowCopy(value);
    if (!copy) return value;
    this.made.set(value, copy);
    this.unfinished.push(copy);
    return copy;
  }

  /** Copies the items of all copies, and the items of these items. */
  finish(): void {
    // The list grows meanwhile.
    for (const copy of this.unfinished) this.copyItemsOf(copy);
  }

  /** Replaces the items of an object by copies. */
  copyItemsOf(copy: object): void {
    if (copy instanceof Map) {
      const entries = [...(copy as Map<unknown, unknown>)];
      copy.clear();
      for (const [key, item] of entries) copy.set(this.of(key), this.of(item));
    } else if (copy instanceof Set) {
      const items = [...(copy as Set<unknown>)];
      copy.clear();
      for (const item of items) copy.add(this.of(item));
    } else {
      const items = copy as Record<string, unknown>;
      for (const name of Object.keys(items)) items[name] = this.of(items[name]);
    }
  }
}

/** Returns a new object with the same items; `undefined` for objects of other classes, which cannot be copied. */
function shallowCopy(value: object): object | undefined {
  if (Array.isArray(value)) return [...(value as unknown[])];
  if (Object.getPrototypeOf(value) === null) return Object.assign(Object.create(null) as object, value);
  if (isPlain(value)) return { ...value };
  if (value instanceof Date) return new Date(value);
  if (value instanceof Map) return new Map(value as Map<unknown, unknown>);
  if (value instanceof Set) return new Set(value as Set<unknown>);
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Other classes belong to the store or to the application. Their methods may need private fields, which no copy has. */
function isForeign(data: object): boolean {
  return !isPlain(data) && !isSession(data);
}

/** Whether a store returns a session as a row: the object that it was given, or a copy of it with the same class. */
function isSession(row: object): boolean {
  return Object.hasOwn(row, 'req') || typeof (row as { resetMaxAge?: unknown }).resetMaxAge === 'function';
}
