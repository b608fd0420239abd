import type { SessionOptions } from 'express-session';
import { randomUUID } from 'node:crypto';
import { MemoryLedger } from '../../src/index.js';
import { DIFFERENCES } from './differences.js';
import { acts, conditional, methods, oddRequests, soonAfterwards, waysToAnswer } from './support/matrix.js';
import { compareAll, type Result, type TwinOptions } from './support/run.js';
import { laterLedger } from '../support/later-ledger.js';

const results: Result[] = [];

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
