import type { Request, RequestHandler } from 'express';

interface Stacked {
  readonly stack?: readonly Layer[];
}

interface Layer {
  readonly handle?: RequestHandler & Stacked;
  /** Of what is mounted for a method: `app.get('/app', session(…))`. */
  readonly route?: Stacked;
  /** Whether it is mounted for all paths. */
  readonly slash?: boolean;
}

/**
 * Where the Express application of a request has mounted express-session, as far as its router shows. A middleware of
 * the application that calls express-session does not show.
 */
export function mountedSession(req: Request): 'everywhere' | 'somewhere' | undefined {
  const router = (req.app as { router?: Stacked } | undefined)?.router;
  return search(router?.stack ?? []);
}

function search(stack: readonly Layer[]): 'everywhere' | 'somewhere' | undefined {
  let found: 'somewhere' | undefined;
  for (const { handle, route, slash } of stack) {
    const isSession = handle?.name === 'session' && handle.length === 3;
    if (isSession && slash) return 'everywhere';
    if (isSession || search((route ?? handle)?.stack ?? [])) found = 'somewhere';
  }
  return found;
}
