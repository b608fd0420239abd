import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { SessionMetrics } from '../../../src/enforcement/startup/session-metrics.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { ManualClock } from '../../../src/testing/index.js';
import { HOUR, MINUTE, startApp, stopApps } from '../../support/app.js';

let reader: PeriodicExportingMetricReader;

beforeEach(() => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: HOUR });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
});

afterEach(async () => {
  await stopApps();
  metrics.disable();
  await reader.shutdown();
});

/** What was measured: by the name of the metric, the attributes and values of its points. */
async function measured() {
  const { resourceMetrics } = await reader.collect();
  const all = resourceMetrics.scopeMetrics.filter(({ scope }) => scope.name === 'nestjs-session-timeout');
  return Object.fromEntries(
    all
      .flatMap((scope) => scope.metrics)
      .map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({ ...attributes, value })),
      ]),
  );
}

test('counts expiries and rejected reports by reason, and measures the ledger', async () => {
  const clock = new ManualClock();
  const ledger = new CountingLedger(clock, (answer) => Promise.resolve(answer));
  const limitsFor = (_req: unknown, user?: string) => (user === 'bob' ? { absoluteTimeout: '10m' } : undefined);
  const { signedIn } = await startApp({ clock, options: { ledger, limitsFor } });
  const [alice, bob] = await Promise.all([signedIn('alice'), signedIn('bob')]);
  await alice.get('/me').expect(200);
  await alice.get('/session/ping?idleFor=1').set('Sec-Fetch-Site', 'cross-site').expect(200);
  await alice.get('/session/ping?idleFor=-1').set('X-Session-Client', '1').expect(200);
  clock.advance(15 * MINUTE);
  for (const browser of [alice, bob]) {
    await browser.get('/me').expect(401);
    await browser.get('/me').expect(200);
  }

  const { calls } = ledger;
  const all = await measured();
  expect(all).toEqual({
    'session_timeout.expired': expect.arrayContaining([
      { reason: 'idle', value: 1 },
      { reason: 'absolute', value: 1 },
    ]),
    'session_timeout.reports.rejected': [
      { reason: 'cross-site', value: 1 },
      { reason: 'malformed', value: 1 },
    ],
    'session_timeout.ledger.duration': expect.arrayContaining(
      Object.entries(calls).map(([operation, count]) => ({ operation, value: expect.objectContaining({ count }) })),
    ),
  });
  expect(JSON.stringify(all)).not.toMatch(/alice|bob/);
});

test('counts the sessions that would have expired in report mode', async () => {
  const { signedIn, clock } = await startApp({ options: { mode: 'report' } });
  const browser = await signedIn();
  clock.advance(15 * MINUTE);
  await browser.get('/me').expect(200);
  await browser.get('/me').expect(200);
  const { 'session_timeout.would_have_expired': told, 'session_timeout.expired': expired } = await measured();
  expect(told).toEqual([{ reason: 'idle', value: 1 }]);
  expect(expired).toBeUndefined();
});

test('records failures of the ledger by the name of the error', async () => {
  const clock = new ManualClock();
  let fails = false;
  const ledger = new CountingLedger(clock, (answer) =>
    fails ? Promise.reject(new Error('out of order')) : Promise.resolve(answer),
  );
  const { signedIn } = await startApp({ clock, options: { ledger } });
  const browser = await signedIn();
  fails = true;
  await browser.get('/me').expect(503);
  expect((await measured())['session_timeout.ledger.duration']).toContainEqual({
    operation: 'read',
    'error.type': 'LedgerUnavailableError',
    value: expect.objectContaining({ count: 1 }),
  });
});

test('measures nothing if the application has set up no meter provider', async () => {
  metrics.disable();
  const { app } = await startApp();
  expect(app.get(SessionMetrics, { strict: false }).ledgerObserver()).toBeUndefined();
});
