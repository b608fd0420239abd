import { WsAdapter } from '@nestjs/platform-ws';
import session from 'express-session';
import { describePolicy } from '../../src/compliance/policy-description.js';
import type { PolicyInForce } from '../../src/compliance/requirement.js';
import type { SessionTimeoutOptions } from '../../src/index.js';
import { limitsOf } from '../../src/options/limits.js';
import { withSession } from '../../src/sockets/index.js';
import { startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

const usual: PolicyInForce = {
  mode: 'enforce',
  limits: limitsOf({}),
  limitsVary: false,
  usersAreKnown: true,
  trustClientActivity: true,
  unknownSessions: 'expire',
  ledgerIsShared: true,
  ledgerTimeout: 500,
  touchInterval: 30_000,
  maxSessions: 3,
  whenFull: 'refuse',
  sessionsAreListed: true,
  authenticationsAreDated: true,
  isAudited: true,
  socketsAreGuarded: true,
  keepsDrafts: false,
};

function statusOf(id: string, policy: Partial<PolicyInForce>) {
  const status = describePolicy({ ...usual, ...policy }).requirements.find((one) => one.id === id);
  if (!status) throw new Error(`no requirement ${id}`);
  return status;
}

describe('the description of the policy', () => {
  test.each<[string, SessionTimeoutOptions, 'met' | 'not-met' | 'depends']>([
    ['7.3.1 (L2)', {}, 'met'],
    ['7.3.1 (L2)', { idleTimeout: false }, 'not-met'],
    ['7.3.2 (L2)', { absoluteTimeout: '30d' }, 'met'],
    ['7.3.2 (L2)', { absoluteTimeout: false }, 'not-met'],
    ['2.1.3 (AAL1)', { absoluteTimeout: '30d', idleTimeout: false }, 'met'],
    ['2.1.3 (AAL1)', { absoluteTimeout: '31d', idleTimeout: false }, 'not-met'],
    ['2.1.3 (AAL1)', { absoluteTimeout: false }, 'not-met'],
    ['2.2.3 (AAL2)', { absoluteTimeout: '24h', idleTimeout: '1h' }, 'met'],
    ['2.2.3 (AAL2)', { absoluteTimeout: '25h', idleTimeout: '1h' }, 'not-met'],
    ['2.2.3 (AAL2)', { absoluteTimeout: '24h', idleTimeout: '61m' }, 'not-met'],
    ['2.2.3 (AAL2)', { absoluteTimeout: '24h', idleTimeout: false }, 'not-met'],
    ['2.2.3 (AAL2)', { absoluteTimeout: '1h', idleTimeout: false }, 'met'],
    ['2.3.3 (AAL3)', { absoluteTimeout: '12h', idleTimeout: '15m' }, 'met'],
    ['2.3.3 (AAL3)', { absoluteTimeout: '13h', idleTimeout: '15m' }, 'not-met'],
    ['8.2.8', { idleTimeout: '15m' }, 'met'],
    ['8.2.8', { idleTimeout: '15m', absoluteTimeout: false }, 'met'],
    ['8.2.8', { idleTimeout: '16m' }, 'not-met'],
    ['2.2.1 (A)', {}, 'depends'],
    ['2.2.1 (A)', { warnBefore: '19s' }, 'not-met'],
    ['2.2.1 (A)', { idleTimeout: '1h', absoluteTimeout: '9h' }, 'not-met'],
    ['2.2.6 (AAA)', {}, 'depends'],
    ['2.2.6 (AAA)', { idleTimeout: '21h', absoluteTimeout: '30d' }, 'met'],
  ])('%s under %j: %s', (id, options, state) => {
    expect(statusOf(id, { limits: limitsOf(options) }).state).toBe(state);
  });

  test.each<[string, Partial<PolicyInForce>, 'met' | 'not-met' | 'depends']>([
    ['4.4.2 (L2)', {}, 'met'],
    ['4.4.2 (L2)', { socketsAreGuarded: false }, 'depends'],
    ['4.4.3 (L2)', {}, 'met'],
    ['4.4.3 (L2)', { socketsAreGuarded: false }, 'depends'],
    ['4.4.4 (L2)', {}, 'met'],
    ['4.4.4 (L2)', { socketsAreGuarded: false }, 'depends'],
    ['6.8.4 (L2)', {}, 'depends'],
    ['6.8.4 (L2)', { authenticationsAreDated: false }, 'not-met'],
    ['7.1.2 (L2)', {}, 'met'],
    ['7.1.2 (L2)', { maxSessions: 'varies' }, 'depends'],
    ['7.1.2 (L2)', { maxSessions: false }, 'not-met'],
    ['7.4.2 (L1)', { usersAreKnown: false, sessionsAreListed: false }, 'not-met'],
    ['7.4.3 (L2)', { usersAreKnown: false, sessionsAreListed: false }, 'not-met'],
    ['7.4.5 (L2)', { usersAreKnown: false, sessionsAreListed: false }, 'not-met'],
    ['7.5.2 (L2)', { usersAreKnown: false, sessionsAreListed: false }, 'not-met'],
    ['7.5.1 (L2)', {}, 'depends'],
    ['7.5.3 (L3)', {}, 'depends'],
    ['16.2.1 (L2)', {}, 'met'],
    ['16.2.1 (L2)', { isAudited: false }, 'not-met'],
    ['16.2.2 (L2)', {}, 'depends'],
    ['16.2.2 (L2)', { isAudited: false }, 'not-met'],
    ['16.2.5 (L2)', {}, 'met'],
    ['16.2.5 (L2)', { isAudited: false }, 'not-met'],
    ['16.3.3 (L2)', {}, 'met'],
    ['16.3.3 (L2)', { isAudited: false }, 'not-met'],
  ])('%s with %j: %s', (id, policy, state) => {
    expect(statusOf(id, policy).state).toBe(state);
  });

  test('names how many sessions an account may have, and what happens then', () => {
    expect(statusOf('7.1.2 (L2)', {}).because).toBe(
      'An account may have 3 session(s). With one more, whenFull is "refuse".',
    );
  });

  test.each(['7.4.2 (L1)', '7.4.3 (L2)', '7.4.5 (L2)'])('%s depends on who calls endAll()', (id) => {
    expect(statusOf(id, {})).toMatchObject({ state: 'depends', because: expect.stringContaining('endAll(user') });
    expect(statusOf(id, { sessionsAreListed: false })).toMatchObject({
      state: 'depends',
      because: expect.stringContaining('events$'),
    });
  });

  test('says that a sign-in counts as a proof where nothing else tells of one', () => {
    expect(statusOf('7.5.1 (L2)', {}).because).not.toContain('authenticatedAt');
    expect(statusOf('7.5.3 (L3)', { authenticationsAreDated: false }).because).toContain('Without authenticatedAt');
  });

  test('says that the pages have to keep what is typed, or only the rest', () => {
    expect(statusOf('2.2.5 (AAA)', {}).because).toContain('have to keep what was typed');
    expect(statusOf('2.2.5 (AAA)', { keepsDrafts: true }).because).toContain('have to keep the rest');
  });

  test('gives the limit that decides as the cause', () => {
    expect(statusOf('8.2.8', { limits: limitsOf({ idleTimeout: '20m' }) })).toEqual({
      standard: 'PCI DSS v4.0.1',
      id: '8.2.8',
      asks: 'Authenticate again after more than 15 minutes without activity.',
      options: ['idleTimeout'],
      state: 'not-met',
      because: 'absoluteTimeout is 720 min, idleTimeout is 20 min.',
    });
  });

  test('says that no activity extends the absolute limit', () => {
    expect(statusOf('2.2.1 (A)', {}).because).toContain('exception for essential limits');
    expect(statusOf('2.2.1 (A)', { limits: limitsOf({ absoluteTimeout: '21h' }) }).because).not.toContain('essential');
  });

  test('promises nothing that limitsFor could change', () => {
    expect(statusOf('8.2.8', { limitsVary: true })).toMatchObject({
      state: 'depends',
      because: expect.stringContaining('limitsFor'),
    });
    expect(statusOf('7.2.1 (L1)', { limitsVary: true }).state).toBe('met');
    expect(statusOf('7.3.1 (L2)', { limitsVary: true, limits: limitsOf({ idleTimeout: false }) }).state).toBe(
      'not-met',
    );
  });

  test('says that nothing is enforced in report mode', () => {
    const { mode, requirements } = describePolicy({ ...usual, mode: 'report' });
    expect(mode).toBe('report');
    expect(new Set(requirements.map(({ state, because }) => `${state}: ${because}`))).toEqual(
      new Set(['not-met: Nothing is enforced, because mode is "report".']),
    );
  });

  test('promises the end of sessions only for what the ledger sees', () => {
    expect(statusOf('7.4.1 (L1)', {}).state).toBe('met');
    expect(statusOf('7.4.1 (L1)', { ledgerIsShared: false }).because).toContain('one instance');
  });

  test('is returned by the service as plain data', async () => {
    const { service } = await startApp({ options: { idleTimeout: '10m', limitsFor: () => undefined } });
    const description = service.describePolicy();
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(description).toMatchObject({
      limits: { idleTimeout: 600_000, absoluteTimeout: 43_200_000, warnBefore: 120_000 },
      limitsVary: true,
      usersAreKnown: true,
      trustClientActivity: true,
      unknownSessions: 'adopt',
      ledgerIsShared: false,
      ledgerTimeout: 500,
      touchInterval: 30_000,
      maxSessions: false,
      whenFull: 'end-least-recent',
      sessionsAreListed: true,
      authenticationsAreDated: false,
      isAudited: false,
      socketsAreGuarded: false,
    });
  });

  test('tells what the options say of the sessions of a user', async () => {
    const options = { audit: () => undefined, authenticatedAt: () => undefined } as const;
    const { service } = await startApp({ options: { ...options, maxSessions: 2, whenFull: 'end-oldest' } });
    const told = { maxSessions: 2, whenFull: 'end-oldest', authenticationsAreDated: true, isAudited: true };
    expect(service.describePolicy()).toMatchObject(told);
    const { service: other } = await startApp({ options: { identify: undefined } });
    expect(other.describePolicy().sessionsAreListed).toBe(false);
    const { service: third } = await startApp({ options: { maxSessions: () => false } });
    expect(third.describePolicy().maxSessions).toBe('varies');
  });

  test('knows whether sockets are guarded', async () => {
    const setUp = session({ secret: 'test', resave: false, saveUninitialized: false });
    const { service } = await startApp({
      setup: (app) => app.useWebSocketAdapter(new (withSession(WsAdapter))(app, { session: setUp })),
    });
    expect(service.describePolicy().socketsAreGuarded).toBe(true);
  });
});
