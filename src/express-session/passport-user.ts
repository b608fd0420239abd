import type { Request } from 'express';

/** The property for the user on a request, if the application has configured passport with another name. */
interface WithPassport {
  readonly _userProperty?: string;
  readonly _passport?: { readonly instance?: { readonly _userProperty?: string } };
}

/** What passport stores in a session. */
interface StoredByPassport {
  readonly passport?: { readonly user?: unknown } | null;
}

/**
 * Whether passport has a signed-in user for the request: on the request itself, or in its session. `passport.session()`
 * may run later, and puts the user of the session on the request.
 */
export function hasUser(req: Request): boolean {
  if ((req as unknown as Record<string, unknown>)[userProperty(req)]) return true;
  return keepsUser(req.session ?? {});
}

/** Whether passport keeps a user in a session. */
export function keepsUser(session: object): boolean {
  const { passport } = session as StoredByPassport;
  return passport?.user !== undefined;
}

/** Takes the user of passport off the request. */
export function forgetUser(req: Request): void {
  delete (req as unknown as Record<string, unknown>)[userProperty(req)];
}

function userProperty(req: Request): string {
  const { _userProperty, _passport } = req as WithPassport;
  return _userProperty ?? _passport?.instance?._userProperty ?? 'user';
}
