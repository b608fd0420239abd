import type { Request } from 'express';
import type { Trace } from './trace.js';

/** What a handler does with the session before it answers. */
type Act = (req: Request, trace: Trace) => unknown;

const setTo = (req: Request, value: unknown) => void Object.assign(req, { session: value });

/** Each by the name under which a request asks for it. */
const PLAIN_ACTS = {
  nothing: () => undefined,
  change: (req) => void (req.session['note'] = 'changed'),
  save: (req, trace) => trace.called('save', (done) => req.session.save(done)),
  'change-and-save': (req, trace) => {
    req.session['note'] = 'changed';
    return trace.called('save', (done) => req.session.save(done));
  },
  'save-and-go-on': (req, trace) => {
    req.session['note'] = 'changed';
    req.session.save(trace.callback('save'));
  },
  'save-twice': async (req, trace) => {
    req.session['note'] = 'once';
    const first = trace.called('first save', (done) => req.session.save(done));
    req.session['note'] = 'twice';
    await Promise.all([first, trace.called('second save', (done) => req.session.save(done))]);
  },
  touch: (req, trace) => void trace.note('touch returned', req.session.touch() === req.session),
  reload: (req, trace) => {
    req.session['note'] = 'gone with the reload';
    return trace.called('reload', (done) => req.session.reload(done));
  },
  'reset-max-age': (req) => void req.session.resetMaxAge(),
  'max-age': (req) => void (req.session.cookie.maxAge = 300_000),
  'same-site': (req) => void (req.session.cookie.sameSite = 'strict'),
  null: (req) => setTo(req, null),
  undefined: (req) => setTo(req, undefined),
  delete: (req) => void delete (req as Partial<Request>).session,
  regenerate: (req, trace) => trace.called('regenerate', (done) => req.session.regenerate(done)),
  'regenerate-and-fill': async (req, trace) => {
    await trace.called('regenerate', (done) => req.session.regenerate(done));
    req.session.user = 'carol';
  },
  destroy: (req, trace) => trace.called('destroy', (done) => req.session.destroy(done)),
  'destroy-twice': async (req, trace) => {
    const { session } = req;
    await trace.called('first destroy', (done) => session.destroy(done));
    await trace.called('second destroy', (done) => session.destroy(done));
  },
  'save-after-destroy': async (req, trace) => {
    const { session } = req;
    await trace.called('destroy', (done) => session.destroy(done));
    await trace.called('save', (done) => session.save(done));
  },
  'sign-in': (req) => void (req.session.user = 'carol'),
  'sign-in-and-save': (req, trace) => {
    req.session.user = 'carol';
    return trace.called('save', (done) => req.session.save(done));
  },
  'sign-out': (req) => void delete (req.session as Partial<Request['session']>).user,
  'store-get': (req, trace) =>
    trace.called('get', (done) =>
      req.sessionStore.get(req.sessionID, (error, row) => done(error, row && { user: row.user, note: row['note'] })),
    ),
  'store-get-unknown': (req, trace) =>
    trace.called('get', (done) => req.sessionStore.get('unknown', (error, row) => done(error, Boolean(row)))),
  'store-destroy-unknown': (req, trace) => trace.called('destroy', (done) => req.sessionStore.destroy('unknown', done)),
  'store-set-another': (req, trace) =>
    trace.called('set', (done) =>
      req.sessionStore.set('another', { cookie: req.session.cookie, note: 'by hand' } as never, done),
    ),
} satisfies Record<string, Act>;

/** What handlers do with passport. */
const PASSPORT_ACTS = {
  'passport-login': (req, trace) => trace.called('login', (done) => req.login({ id: 'carol' } as never, done)),
  'passport-login-keeping': (req, trace) =>
    trace.called('login', (done) => req.login({ id: 'carol' } as never, { keepSessionInfo: true } as never, done)),
  'passport-login-and-change': async (req, trace) => {
    await trace.called('login', (done) => req.login({ id: 'carol' } as never, done));
    req.session['note'] = 'changed';
  },
  'passport-logout': (req, trace) => trace.called('logout', (done) => req.logout(done)),
} satisfies Record<string, Act>;

export const ACTS = { ...PLAIN_ACTS, ...PASSPORT_ACTS };
export type ActName = keyof typeof ACTS;
export const actNames = Object.keys(PLAIN_ACTS) as ActName[];
export const passportActNames = Object.keys(PASSPORT_ACTS) as ActName[];
