import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import type { SessionOptions } from 'express-session';
import { randomUUID } from 'node:crypto';
import passport from 'passport';
import { MemoryLedger, type SessionTimeoutOptions } from '../../src/index.js';
import { DIFFERENCES } from './differences.js';
import { acts, conditional, methods, oddRequests, soonAfterwards, waysToAnswer } from './support/matrix.js';
import { passportActNames } from './support/session-acts.js';
import { compareAll, type Result, type TwinOptions } from './support/run.js';
import { laterLedger } from '../support/later-ledger.js';

const results: Result[] = [];

function mountPassport(app: NestExpressApplication): void {
  const users = new passport.Passport();
  users.serializeUser((user, done) => done(null, (user as { id: string }).id));
  users.deserializeUser((id, done) => done(null, { id } as never));
  app.use(users.initialize());
  app.use(users.session());
}

const ofPassport: SessionTimeoutOptions['identify'] = (session) =>
  (session['passport'] as { user?: string } | undefined)?.user ?? session.user;

async function compare(options: TwinOptions, scenarios: Parameters<typeof compareAll>[1]): Promise<void> {
  const result = await compareAll(options, scenarios);
  results.push(result);
  expect(result.unexpected).toEqual([]);
}

describe('with us and without us, all is the same but for what the docs promise', () => {
  test.each([
    ['whatever a handler does to the session', () => acts(['json', 'end-text', 'write', 'flush-headers'])],
    ['however a handler answers', () => waysToAnswer(['nothing', 'change', 'sign-in'])],
    ['soon after another request', soonAfterwards],
    ['whatever the method is', methods],
    ['for conditional requests and ranges', conditional],
    ['for odd cookies, bodies and paths', oddRequests],
  ])('%s', (_what, scenarios) => compare({}, scenarios()));

  const HOUR = 3_600_000;
  const options: [string, () => Partial<SessionOptions>][] = [
    ['rolling', () => ({ rolling: true })],
    ['rolling with a lifetime', () => ({ rolling: true, cookie: { maxAge: HOUR } })],
    ['a lifetime of the cookie', () => ({ cookie: { maxAge: HOUR, sameSite: 'lax' } })],
    ['resave', () => ({ resave: true })],
    ['saveUninitialized', () => ({ saveUninitialized: true })],
    ['all three', () => ({ resave: true, rolling: true, saveUninitialized: true, cookie: { maxAge: HOUR } })],
    ["unset: 'destroy'", () => ({ unset: 'destroy' })],
    ['ids of its own', () => ({ genid: () => `own-${randomUUID()}` })],
    ['several secrets', () => ({ secret: ['new secret', 'old secret'] })],
    ['a name of its own', () => ({ name: 'sid' })],
    ['a function for the cookie', () => ({ cookie: () => ({ maxAge: HOUR, priority: 'high' as const }) })],
    ['a cookie for https only', () => ({ proxy: true, cookie: { secure: 'auto', sameSite: 'auto' as never } })],
  ];
  const some = () => [...acts(['json']), ...acts(['pipe'], ['signed in']), ...oddRequests()];

  test.each(options)('with the options of express-session: %s', (_what, session) => compare({ session }, some()));

  const compressing = (app: NestExpressApplication) => app.use(compression({ threshold: 0 }));
  const headers = { 'accept-encoding': 'gzip' };
  const zipped = waysToAnswer(['nothing', 'sign-in']).map((scenario) => Object.assign({}, scenario, { headers }));

  test.each<[string, TwinOptions]>([
    ['before express-session', { before: compressing }],
    ['after express-session', { after: compressing }],
  ])('with compression %s', (_where, given) => compare(given, zipped));

  test('with passport', () => {
    const answers = ['json', 'write', 'flush-headers', 'redirect'];
    return compare({ after: mountPassport, module: { identify: ofPassport } }, [
      ...acts(answers, undefined, passportActNames),
      ...some(),
    ]);
  });

  const modules: [string, TwinOptions][] = [
    ['that tracks all sessions', { module: { identify: undefined } }],
    ['whose ledger takes time', { ledger: (clock) => laterLedger(new MemoryLedger({ clock })) }],
    ['without Server-Timing', { module: { serverTiming: false } }],
    ['that only reports', { module: { mode: 'report' } }],
  ];

  test.each(modules)('with a module %s', (_what, given) => compare(given, some()));

  test('thousands of times, and each difference on the list was met', () => {
    expect(results.reduce((sum, { compared }) => sum + compared, 0)).toBeGreaterThan(3000);
    const met = DIFFERENCES.filter(({ name }) => results.some((result) => result.met.has(name)));
    expect(met.map(({ name }) => name).toSorted()).toEqual(DIFFERENCES.map(({ name }) => name).toSorted());
  });
});
