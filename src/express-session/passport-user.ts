import type { Request } from 'express';

/** The property for the user on a request, if the application has configured passport with another name. */
interface WithPassport {
  readonly _userProperty?: string;
  readonly _passport?: { readonly instance?: { readonly _userProperty?: string } };
}

/** Whether `passport.session()` has put a signed-in user on the request. */
export function hasUser(req: Request): boolean {
  return Boolean((req as unknown as Record<string, unknown>)[userProperty(req)]);
}

/** Takes the user of passport off the request. */
export function forgetUser(req: Request): void {
  delete (req as unknown as Record<string, unknown>)[userProperty(req)];
}

function userProperty(req: Request): string {
  const { _userProperty, _passport } = req as WithPassport;
  return _userProperty ?? _passport?.instance?._userProperty ?? 'user';
}
