/**
 * Whether a store is express-session's own `MemoryStore`, from any copy of express-session. The package `memorystore`
 * has a class with the same name, which keeps its sessions elsewhere.
 */
export function isMemoryStore(store: object): boolean {
  const sessions: unknown = Object.getOwnPropertyDescriptor(store, 'sessions')?.value;
  return hasClass(store, 'MemoryStore') && typeof sessions === 'object' && sessions !== null;
}

/** Whether an object is an instance of a class with this name, or of a subclass. */
export function hasClass(object: object, name: string): boolean {
  for (let proto = Object.getPrototypeOf(object); proto; proto = Object.getPrototypeOf(proto)) {
    if (proto.constructor?.name === name) return true;
  }
  return false;
}
