import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import supertest from 'supertest';
import { monotonicClock } from '../../src/base/clock.js';
import { RedisLedger } from '../../src/ledger/redis/index.js';
import { startApp, stopApps } from '../support/app.js';
import { describeWithRedisServer, RedisServer } from './support/redis-server.js';

const REQUESTS = 50;
/** Reads with a script, which tell the clock of Redis: the first, and one each ten seconds. */
const CLOCK_READS = 2;

describeWithRedisServer('what a request costs the store', () => {
  let redis: RedisServer;
  let client: ReturnType<typeof createClient>;

  beforeAll(async () => {
    redis = await RedisServer.start();
    client = createClient({ url: redis.url });
    await client.connect();
  });
  afterEach(stopApps);
  afterAll(async () => {
    client?.destroy();
    await redis?.stop();
  });

  /** How many commands clients send to Redis meanwhile, by name. */
  async function commands(work: () => Promise<void>): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const name of await redis.sent(work)) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  }

  const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);

  async function manyTimes(request: () => Promise<unknown>): Promise<void> {
    for (let i = 0; i < REQUESTS; i += 1) await request();
  }

  async function bare(): Promise<Record<string, number>> {
    const app = express();
    const store = new RedisStore({ client, prefix: 'bare:' });
    app.use(session({ secret: 'test', resave: false, saveUninitialized: false, store }));
    app.post('/login', (req, res) => {
      req.session.user = 'alice';
      res.json({});
    });
    app.get('/me', (req, res) => void res.json({ user: req.session.user }));
    const browser = supertest.agent(app);
    await browser.post('/login').expect(200);
    return commands(() => manyTimes(() => browser.get('/me').expect(200, { user: 'alice' })));
  }

  async function ours(touchInterval: string, connection = client) {
    const { signedIn, events } = await startApp({
      options: { ledger: new RedisLedger(connection), clock: monotonicClock, touchInterval },
      session: { store: new RedisStore({ client: connection, prefix: 'ours:', disableTouch: true }) },
    });
    const browser = await signedIn();
    return { browser, events, me: () => browser.get('/me').expect(200, { user: 'alice' }) };
  }

  test('sends no more commands than express-session and connect-redis alone', async () => {
    const without = await bare();
    expect(without).toEqual({ get: REQUESTS, expire: REQUESTS });

    const { me } = await ours('30s');
    const withUs = await commands(() => manyTimes(me));
    expect(withUs['evalsha'] ?? 0).toBeLessThanOrEqual(CLOCK_READS);
    // One of the store and one of the ledger.
    expect(withUs['get']).toBe(2 * REQUESTS - (withUs['evalsha'] ?? 0));
    expect(total(withUs)).toBeLessThanOrEqual(total(without));
  });

  test('sends no more commands for polls and pings', async () => {
    const { browser } = await ours('30s');
    expect(total(await commands(() => manyTimes(() => browser.get('/feed').expect(200))))).toBe(2 * REQUESTS);
    expect(total(await commands(() => manyTimes(() => browser.get('/session/ping').expect(200))))).toBe(2 * REQUESTS);
  });

  test('sends one more command per interval, to write the activity', async () => {
    const { me } = await ours('100ms');
    const startedAt = performance.now();
    const counts = await commands(() => manyTimes(me));
    const intervals = Math.ceil((performance.now() - startedAt) / 100);
    expect(counts['get']).toBeGreaterThanOrEqual(2 * REQUESTS - CLOCK_READS);
    expect(total(counts)).toBeGreaterThan(2 * REQUESTS);
    expect(total(counts)).toBeLessThanOrEqual(2 * REQUESTS + intervals + 1);
  });

  test('sends almost no commands with a caching client, and a revocation elsewhere still takes effect at once', async () => {
    const caching = createClient({ url: redis.url, RESP: 3, clientSideCache: {} });
    await caching.connect();
    const { browser, me, events } = await ours('30s', caching as unknown as typeof client);
    await me();
    const startedAt = performance.now();
    const counts = await commands(() => manyTimes(me));
    const seconds = Math.ceil((performance.now() - startedAt) / 1000);
    expect(total(counts)).toBeLessThanOrEqual(10 + seconds);

    const [{ session } = {}] = events;
    await new RedisLedger(client).end(session ?? '', { reason: 'revoked', keepFor: 60_000 });
    await caching.ping();
    await browser.get('/me').expect(401, /revoked/);
    caching.destroy();
  });
});
