import type { Request, RequestHandler } from 'express';
import { MemoryStore, type SessionOptions } from 'express-session';
import type { SessionStore } from '../../../src/express-session/store/session-store.js';
import type { StoreHooks } from '../../../src/express-session/store/store-hooks.js';
import { takeOver } from '../../../src/express-session/store/store-takeover.js';
import type { TakenStore } from '../../../src/express-session/store/taken-store.js';
import { sessionCookie, sessionIdOf } from '../../support/cookies.js';
import { prepare, type Served, serve } from './server.js';

/** An application that changes nothing, apart from the hooks that are given. */
export function application(hooks: Partial<StoreHooks> = {}): StoreHooks {
  return {
    serves: () => true,
    fetching: () => undefined,
    arrived: () => undefined,
    reloaded: () => undefined,
    saving: () => true,
    savingKept: () => false,
    savingData: () => true,
    isEnded: () => false,
    sparesTouch: () => false,
    touched: () => undefined,
    written: () => undefined,
    destroying: () => undefined,
    clearing: () => undefined,
    regenerating: () => false,
    ...hooks,
  };
}

/** A store as express-session has prepared it. */
export const asSessionStore = (store: unknown) => store as SessionStore;

/** A store that is prepared by express-session and taken over, without a server. */
export function taken(store: unknown = new MemoryStore(), hooks: Partial<StoreHooks> = {}): TakenStore {
  return takeOver(asSessionStore(prepare(store)), application(hooks));
}

/** A request without a server. Its session is new, as express-session makes it in a store that it has prepared. */
export function requestIn(store: unknown, fields: object = {}): Request {
  const req = { sessionStore: store, sessionID: 'first', headers: {} } as Request;
  req.sessionStore.generate(req);
  Object.assign(req.session, fields);
  return req;
}

export interface TakenServer extends Served {
  readonly hooks: StoreHooks;
  readonly taken: TakenStore;
}

/** Serves handlers over a store that has been taken over before the first request. */
export function serveTaken(
  handlers: RequestHandler[],
  given: Partial<StoreHooks> = {},
  options: Partial<SessionOptions> = {},
): TakenServer {
  const served = serve(handlers, options);
  const hooks = application(given);
  return { ...served, hooks, taken: takeOver(asSessionStore(served.store), hooks) };
}

/** Answers with what `act` returns, as JSON. */
export const showing =
  (act: (req: Request) => unknown): RequestHandler =>
  async (req, res) => {
    const seen = await act(req);
    res.json({ seen });
  };

/** Fills the session of a server's browser, and returns its cookie and id. */
export async function fill({ browser }: Pick<Served, 'browser'>): Promise<{ cookie: string; id: string }> {
  const cookie = sessionCookie(await browser.post('/fill').expect(200));
  return { cookie, id: decodeURIComponent(sessionIdOf(cookie)) };
}

/** Waits until something calls back, and returns "done", or the message of the error. */
export const outcome = (work: (done: (error?: unknown) => void) => unknown) =>
  new Promise<string>((resolve) => void work((error) => resolve(error ? (error as Error).message : 'done')));
