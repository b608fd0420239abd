import { WsAdapter } from '@nestjs/platform-ws';
import session, { MemoryStore } from 'express-session';
import type { AddressInfo } from 'node:net';
import type { ActivityLedger, SessionTimeoutOptions } from '../../src/index.js';
import { monotonicClock } from '../../src/base/clock.js';
import { withSession } from '../../src/sockets/index.js';
import { startApp, stopApps } from '../support/app.js';
import { sessionCookie } from '../support/cookies.js';
import { type Client, connectWs, leaveAll } from '../sockets/support/clients.js';
import { LiveGateway } from '../sockets/support/gateways.js';
import { eventually } from './support/binaries.js';
import { describeOverPostgres, describeOverRedis } from './support/shared-ledgers.js';

const CHECK = 100;
const IDLE = 2500;

afterEach(async () => {
  leaveAll();
  await stopApps();
});

/** What instances that share a server do about sessions that nobody asks for, in real time. */
function withoutAVisit(ledger: () => ActivityLedger): void {
  async function instances(count: number, options: SessionTimeoutOptions = {}) {
    const store = new MemoryStore();
    const setup = { secret: 'test', resave: false, saveUninitialized: false, store };
    const all: (Awaited<ReturnType<typeof startApp>> & { port: number })[] = [];
    for (let i = 0; i < count; i += 1) {
      const started = await startApp({
        options: { clock: monotonicClock, sweepInterval: CHECK, ledgerTimeout: '5s', ledger: ledger(), ...options },
        providers: [LiveGateway],
        session: setup,
        setup: (app) =>
          app.useWebSocketAdapter(new (withSession(WsAdapter))(app, { session: session(setup), checkInterval: CHECK })),
      });
      await started.app.listen(0);
      const { port } = started.app.getHttpServer().address() as AddressInfo;
      all.push({ ...started, port });
    }
    const ends = () => all.flatMap(({ events }) => events).filter(({ type }) => type === 'expired' || type === 'ended');
    const [one] = all as [(typeof all)[0]];
    const signIn = async (user: string) => sessionCookie(await one.request.post('/login').send({ user }).expect(201));
    return { all: all as [(typeof all)[0], (typeof all)[0]], ends, signIn };
  }

  test('three of them end each session once', async () => {
    const { ends, signIn } = await instances(3, { idleTimeout: IDLE, warnBefore: 100 });
    const users = Array.from({ length: 20 }, (_, i) => `user ${i}`);
    for (const user of users) await signIn(user);
    await eventually(() => expect(ends().length).toBeGreaterThanOrEqual(users.length));
    await new Promise((resolve) => setTimeout(resolve, 5 * CHECK));
    expect(
      ends()
        .map(({ user }) => user)
        .toSorted(),
    ).toEqual(users.toSorted());
  });

  test('a socket on one closes when the session is ended on another', async () => {
    const { all, signIn } = await instances(2);
    const [one, other] = all;
    const cookie = await signIn('alice');
    const socket = (await connectWs({ port: other.port, cookie })) as Client;
    expect(await socket.ask('say', 'hello')).toBe('hello');
    await one.service.end(one.events[0]?.session as string);
    expect(await socket.closed).toEqual({ code: 1008, reason: 'revoked' });
    expect(await connectWs({ port: other.port, cookie })).toBe(401);
  });

  test('a silent socket closes at the deadline, and activity on another instance puts it off', async () => {
    const { all, signIn } = await instances(2, { idleTimeout: IDLE, warnBefore: 100 });
    const [one, other] = all;
    const cookie = await signIn('alice');
    const socket = (await connectWs({ port: other.port, cookie })) as Client;
    await new Promise((resolve) => setTimeout(resolve, IDLE / 2));
    const askedAt = performance.now();
    await one.request.get('/me').set('cookie', cookie).expect(200);
    expect(await socket.closed).toEqual({ code: 1008, reason: 'idle' });
    expect(performance.now() - askedAt).toBeGreaterThan(IDLE - 100);
  });
}

describeOverRedis('without a visit, instances', withoutAVisit);

describeOverPostgres('without a visit, instances', withoutAVisit);
