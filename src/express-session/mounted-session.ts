import type { Request, RequestHandler } from 'express';

interface Layer {
  readonly handle?: RequestHandler & { readonly stack?: readonly Layer[] };
  /** Whether it is mounted for all paths. */
  readonly slash?: boolean;
}

/**
 * Where the Express application of a request has mounted express-session, as far as its router shows. A middleware of
 * the application that calls express-session does not show.
 */
export function mountedSession(req: Request): 'everywhere' | 'somewhere' | undefined {
  const router = (req.app as { router?: { stack?: readonly Layer[] } } | undefined)?.router;
  return search(router?.stack ?? []);
}

function search(stack: readonly Layer[]): 'everywhere' | 'somewhere' | undefined {
  let found: 'somewhere' | undefined;
  for (const { handle, slash } of stack) {
    const isSession = handle?.name === 'session' && handle.length === 3;
    if (isSession && slash) return 'everywhere';
    if (isSession || (handle?.stack && search(handle.stack))) found = 'somewhere';
  }
  return found;
}
