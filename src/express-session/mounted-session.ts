import type { Request, RequestHandler } from 'express';

interface Stacked {
  readonly stack?: readonly Layer[];
}

interface Layer {
  readonly handle?: RequestHandler & Stacked;
  /** Set for middleware that is mounted for a method: `app.get('/app', session(…))`. */
  readonly route?: Stacked;
  /** Whether it is mounted for all paths. */
  readonly slash?: boolean;
}

/**
 * Returns where the Express application of a request has mounted express-session, as far as its router shows this. If a
 * middleware of the application calls express-session, the router does not show it.
 */
export function mountedSession(req: Request): 'everywhere' | 'somewhere' | undefined {
  const stack = (req.app as { router?: Stacked } | undefined)?.router?.stack ?? [];
  const lastRoute = stack.findLastIndex(({ route }) => route);
  // What comes behind all routes is mounted too late: no handler finds its session.
  return search(lastRoute < 0 ? stack : stack.slice(0, lastRoute + 1));
}

function search(stack: readonly Layer[]): 'everywhere' | 'somewhere' | undefined {
  let found: 'somewhere' | undefined;
  for (const { handle, route, slash } of stack) {
    if (isSession(handle) && slash) return 'everywhere';
    if (isSession(handle) || search((route ?? handle)?.stack ?? [])) found = 'somewhere';
  }
  return found;
}

function isSession(handle: Layer['handle']): boolean {
  return handle?.name === 'session' && handle.length === 3;
}
