import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import session, { MemoryStore, type SessionOptions } from 'express-session';
import supertest from 'supertest';

export type Rows = MemoryStore & { sessions: Record<string, string> };

export interface Served {
  readonly store: Rows;
  /** A request without cookies of its own. */
  readonly request: ReturnType<typeof supertest>;
  /** A browser: it keeps its cookies. */
  readonly browser: ReturnType<typeof supertest.agent>;
}

/** Has express-session prepare a store, as each of its middlewares does. */
export function prepare<T>(store: T, options: Partial<SessionOptions> = {}): T {
  session({ secret: 'test', resave: false, saveUninitialized: false, ...options, store: store as MemoryStore });
  return store;
}

/**
 * An Express application with express-session, and nothing of Nest. `POST /fill` fills the session by hand; all
 * other requests come to the handlers, whose errors are told as text.
 *
 * @param before what comes before express-session
 */
export function serve(
  handlers: RequestHandler[],
  options: Partial<SessionOptions> = {},
  before: RequestHandler[] = [],
): Served {
  const store = (options.store ?? new MemoryStore()) as Rows;
  const app = express();
  if (before.length > 0) app.use(...before);
  app.use(session({ secret: 'test', resave: false, saveUninitialized: false, ...options, store }));
  app.post('/fill', (req, res) => {
    req.session.user = 'alice';
    res.end();
  });
  app.use(...handlers);
  app.use((error: Error | string, _req: Request, res: Response, _next: NextFunction) => {
    res
      .status(500)
      .type('text')
      .send(typeof error === 'string' ? error : error.message);
  });
  return { store, request: supertest(app), browser: supertest.agent(app) };
}
