import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import { PassiveRoute, SessionTimeoutService } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { type AppOptions, HOUR, MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { sent } from '../../support/sent.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

/** Where handlers wait before they ask for their session. */
let gate = new Gate();
beforeEach(() => void (gate = new Gate()));

@Controller('late')
@PassiveRoute()
class LateController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('touch')
  async touch(@Req() req: Request) {
    await gate.pass();
    await this.sessions.touch(req);
    return {};
  }

  @Get('status')
  async status(@Req() req: Request) {
    await gate.pass();
    const { state } = await this.sessions.status(req);
    return { state };
  }

  @Get('renew')
  async renew(@Req() req: Request) {
    await gate.pass();
    await this.sessions.renew(req);
    return {};
  }

  @Get('step-up')
  async stepUp(@Req() req: Request) {
    await gate.pass();
    await this.sessions.renew(req, { restartLimits: false });
    return {};
  }
}

describe.each([
  ['in memory', false],
  ['shared', true],
])('a handler that takes longer than its session, with a ledger %s', (_kind, isShared) => {
  async function start(path: string, options: AppOptions['options'] = {}) {
    const clock = new ManualClock();
    const ledger = isShared ? { ledger: new SharedLedger({ clock }) } : {};
    const app = await startApp({
      clock,
      controllers: [PagesController, LateController],
      options: { sweepInterval: false, ...ledger, ...options },
    });
    const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
    const get = (some: string) => app.request.get(some).set('cookie', cookie);
    const answer = sent(get(path));
    await gate.hasArrived();
    const end = () => {
      gate.open();
      return answer;
    };
    return { ...app, get, end };
  }

  test('does not bring it back by touch()', async () => {
    const { clock, get, end, events } = await start('/late/touch');
    clock.advance(15 * MINUTE);
    await end();
    expect((await get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
    expect(events.map(({ type }) => type)).toEqual(['started', 'expired']);
  });

  test.each([
    ['/late/renew', 'idle', 15 * MINUTE],
    ['/late/step-up', 'idle', 15 * MINUTE],
    ['/late/renew', 'absolute', HOUR],
    ['/late/step-up', 'absolute', HOUR],
  ])('does not bring it back by renew() (GET %s, %s)', async (path, reason, time) => {
    const limits = { idleTimeout: reason === 'idle' ? '15m' : '2h', absoluteTimeout: '1h' } as const;
    const { clock, get, end, service } = await start(path, limits);
    clock.advance(time);
    const answer = await end();
    expect(answer).toMatchObject({ status: 401, body: { reason } });
    expect((await get('/me').expect(401)).body).toMatchObject({ reason });
    expect(await service.list('alice')).toEqual([]);
  });

  test('extends a session by touch() that other requests have kept active', async () => {
    const { clock, get, end } = await start('/late/touch');
    clock.advance(10 * MINUTE);
    await get('/me').expect(200);
    clock.advance(10 * MINUTE);
    await end();
    clock.advance(10 * MINUTE);
    await get('/me').expect(200);
  });

  test.each([
    ['active', 10 * MINUTE],
    ['expired', 15 * MINUTE],
  ])('is told that the session is %s', async (state, time) => {
    const { clock, get, end } = await start('/late/status');
    clock.advance(10 * MINUTE);
    await get('/me').expect(200);
    clock.advance(time);
    expect((await end()).body).toEqual({ state });
  });

  test('can renew a session in report mode', async () => {
    const { clock, end } = await start('/late/renew', { mode: 'report' });
    clock.advance(HOUR);
    expect((await end()).status).toBe(200);
  });
});
