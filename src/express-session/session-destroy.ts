import type { Request } from 'express';

/**
 * Lets `req.session.destroy()` run inside of `around`. The store gets only the id of a session, so it does not know which
 * request destroys it.
 */
export function aroundDestroy({ session }: Request, around: <T>(work: () => T) => T): void {
  const { destroy } = session;
  const value = (...given: unknown[]) => around(() => Reflect.apply(destroy, session, given) as unknown);
  // Like the methods of express-session, it is not part of the data.
  Object.defineProperty(session, 'destroy', { value, writable: true, configurable: true, enumerable: false });
}
