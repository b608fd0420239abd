import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import { SessionTimeoutService } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type AppOptions, PagesController, startApp, stopApps } from '../support/app.js';
import { cookieAfter, sessionCookie } from '../support/cookies.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';
import { SharedLedger } from '../support/shared-ledger.js';

afterEach(stopApps);

@Controller()
class RenewController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('renew')
  async renew(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }
}

/** A store that holds back what it writes. */
class SlowStore extends MemoryStore {
  gate: Gate | undefined;

  override set(...given: Parameters<MemoryStore['set']>) {
    void Promise.resolve(this.gate?.pass()).then(() => super.set(...given));
  }
}

/** How long a sign-in waits for others of the same user, in milliseconds. */
const PATIENCE = 100;

async function start(options: AppOptions['options']) {
  const clock = new ManualClock();
  const store = new SlowStore();
  const app = await startApp({
    clock,
    controllers: [PagesController, RenewController],
    session: { store },
    options: { maxSessions: 1, ledgerTimeout: PATIENCE, ...options },
  });
  const signIn = () => app.request.post('/login').send({ user: 'alice' });
  const mine = sessionCookie(await signIn().expect(201));
  const renew = () => sent(app.request.post('/renew').set('cookie', mine));
  const me = async (cookie: string | undefined) => (await app.request.get('/me').set('cookie', cookie ?? '')).body;
  const gate = (store.gate = new Gate());
  return { ...app, store, mine, signIn, renew, me, gate };
}

const later = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

describe.each([
  ['in memory', () => ({})],
  ['shared', () => ({ ledger: new SharedLedger() })],
])('with a ledger %s,', (_kind, ledger) => {
  test.each([
    ['end-least-recent', 0],
    ['end-oldest', 0],
    ['end-least-recent', 2 * PATIENCE],
  ] as const)(
    'a session that has lost its place (%s) takes it from nobody by renew() (after %i ms)',
    async (whenFull, time) => {
      const { signIn, renew, me, gate, mine, service, events } = await start({ whenFull, ...ledger() });
      const signingIn = sent(signIn());
      await gate.hasArrived();
      const renewing = renew();
      await later(time + 20);
      gate.open();
      const [signedIn, refused] = await Promise.all([signingIn, renewing]);
      expect(signedIn.status).toBe(201);
      expect(refused).toMatchObject({ status: 401, body: { reason: 'displaced' } });
      expect(await me(sessionCookie(signedIn))).toEqual({ user: 'alice' });
      expect(await me(mine)).toMatchObject({ reason: 'displaced' });
      expect(await service.list('alice')).toHaveLength(1);
      expect(events.map(({ type }) => type)).toEqual(['started', 'ended', 'started']);
    },
  );

  test.each([
    ['soon', 401],
    ['too late for the other', 503],
  ])('of two requests that renew a session at once, one goes on (%s)', async (_when, status) => {
    const { renew, me, gate, mine, service } = await start(ledger());
    const renewing = [renew()];
    await gate.hasArrived();
    renewing.push(renew());
    await (status === 503 ? renewing[1] : later(20));
    gate.open();
    const [first, second] = await Promise.all(renewing);
    expect([first?.status, second?.status]).toEqual([201, status]);
    expect(await me(cookieAfter(first!, mine))).toEqual({ user: 'alice' });
    expect(await me(mine)).toMatchObject({ reason: 'replaced' });
    expect(await service.list('alice')).toHaveLength(1);
  });
});
