/**
 * Returns a copy of a row, for one request alone. A store may return the same object to several requests. Then one
 * request would see what another one has not saved yet, such as its user.
 */
export function copyForRequest<T extends object>(row: T): T {
  // Other classes belong to the store, which may need them.
  return isPlain(row) || isSession(row) ? copyItems({ ...row }, new Map()) : row;
}

/** Returns a copy of a session, for the store to keep. The application may change the session after it was saved. */
export function copyForStore<T extends object>(session: T): T {
  const properties: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(session);
  const copies = new Map<object, object>();
  for (const property of Object.values(properties)) {
    if (property.enumerable && 'value' in property) property.value = copyOf(property.value, copies);
  }
  return Object.create(Object.getPrototypeOf(session) as object | null, properties) as T;
}

/** @param copies the copies so far, as an object may stand in several places, or contain itself */
function copyOf<T>(value: T, copies: Map<object, object>): T;
function copyOf(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known) return known;
  const keep = <T extends object>(copy: T): T => {
    copies.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value));
  if (value instanceof Map) {
    const copy = keep(new Map<unknown, unknown>());
    for (const [key, item] of value) copy.set(copyOf(key, copies), copyOf(item, copies));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set<unknown>());
    for (const item of value) copy.add(copyOf(item, copies));
    return copy;
  }
  if (!Array.isArray(value) && !isPlain(value)) return value;
  return copyItems(keep(Array.isArray(value) ? [...(value as unknown[])] : { ...value }), copies);
}

/** Replaces the items of a new object or array by copies. */
function copyItems<T extends object>(copy: T, copies: Map<object, object>): T {
  const items = copy as Record<string, unknown>;
  for (const name of Object.keys(items)) items[name] = copyOf(items[name], copies);
  return copy;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether a store returns the session object that it was given. */
function isSession(row: object): boolean {
  return Object.hasOwn(row, 'req');
}
