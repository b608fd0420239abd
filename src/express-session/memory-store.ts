/**
 * Whether a store is express-session's own `MemoryStore`, of whatever copy of express-session. The package `memorystore`
 * has a class of that name, too, which keeps its sessions elsewhere.
 */
export function isMemoryStore(store: object): boolean {
  const sessions: unknown = Object.getOwnPropertyDescriptor(store, 'sessions')?.value;
  return hasClass(store, 'MemoryStore') && typeof sessions === 'object' && sessions !== null;
}

/** Whether a class of this name made it, or a subclass of one. */
export function hasClass(object: object, name: string): boolean {
  for (let proto = Object.getPrototypeOf(object); proto; proto = Object.getPrototypeOf(proto)) {
    if (proto.constructor?.name === name) return true;
  }
  return false;
}
