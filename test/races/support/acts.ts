import type { Request } from 'express';
import type { SessionTimeoutService } from '../../../src/index.js';
import type { Scheduler } from './scheduler.js';

type Method = 'save' | 'regenerate' | 'destroy';

const called = ({ session }: Request, method: Method) =>
  new Promise<void>((resolve, reject) => session[method]((error: unknown) => (error ? reject(error) : resolve())));

interface Tools {
  readonly sessions: SessionTimeoutService;
  readonly scheduler: Scheduler;
}

/** What one request does, and what this means for the session that it came with. */
interface Act {
  readonly means: 'nothing' | 'sign-in' | 'renewal' | 'end';
  do(req: Request, tools: Tools): unknown;
}

export const NEWCOMER = 'bob';

/** Each by the name under which a request asks for it. */
export const ACTS = {
  'slow-read': { means: 'nothing', do: (_req, { scheduler }) => scheduler.turn('goes on reading') },
  change: { means: 'nothing', do: (req) => void (req.session['note'] = 'changed') },
  save: {
    means: 'nothing',
    async do(req, { scheduler }) {
      req.session['note'] = 'saved';
      await called(req, 'save');
      await scheduler.turn('goes on after saving');
    },
  },
  'sign-in': { means: 'sign-in', do: (req) => void (req.session.user = NEWCOMER) },
  'sign-in-and-save': {
    means: 'sign-in',
    async do(req) {
      req.session.user = NEWCOMER;
      await called(req, 'save');
    },
  },
  'sign-in-anew': {
    means: 'sign-in',
    async do(req) {
      await called(req, 'regenerate');
      req.session.user = NEWCOMER;
    },
  },
  renew: { means: 'renewal', do: (req, { sessions }) => sessions.renew(req) },
  regenerate: { means: 'end', do: (req) => called(req, 'regenerate') },
  destroy: { means: 'end', do: (req) => called(req, 'destroy') },
  'sign-out': { means: 'end', do: (req) => void delete (req.session as Partial<Request['session']>).user },
  end: { means: 'end', do: (req, { sessions }) => sessions.end(req) },
} satisfies Record<string, Act>;

export type ActName = keyof typeof ACTS;
export const meaningOf = (name: ActName): Act['means'] => ACTS[name].means;

/** Time passes: an act without a request. */
export const EXPIRY = 'expiry';
export type Doing = ActName | typeof EXPIRY;
export const doings: readonly Doing[] = [...(Object.keys(ACTS) as ActName[]), EXPIRY];
