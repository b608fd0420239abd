import { type Method, REPLACED, type ReplacedMethod, type SessionStore } from './session-store.js';

/** The methods that a store need not have. */
type Optional = 'touch' | 'clear';

/** The own methods of a store. They change if other code puts a wrapper around ours. */
export type OwnMethods = Record<Exclude<ReplacedMethod, Optional>, Method> & Partial<Record<Optional, Method>>;

/**
 * Checks this before anything is replaced, so that a store is taken over completely or not at all.
 *
 * @throws Error if a method cannot be replaced
 */
export function assertReplaceable(store: SessionStore): void {
  if (!Object.isExtensible(store)) {
    throw new Error(
      'The session store is frozen or sealed. Do not freeze or seal it: its methods have to be replaced.',
    );
  }
  for (const name of REPLACED) {
    if (Object.getOwnPropertyDescriptor(store, name)?.configurable === false) {
      throw new Error(`The method "${name}" of the session store cannot be replaced. Make it configurable.`);
    }
  }
}

/** Returns the methods that a store has before it is taken over. */
export function ownMethods(store: SessionStore): OwnMethods {
  const methods = Object.fromEntries(
    REPLACED.flatMap((name) => {
      const method: unknown = store[name];
      return typeof method === 'function' ? [[name, method as Method]] : [];
    }),
  );
  return methods as OwnMethods;
}
