import { Controller, Get, Module, Req, type Type, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { Request } from 'express';
import { AllowExpired } from '../../src/index.js';
import { type AppOptions, MINUTE, startApp, stopApps } from '../support/app.js';
import { clearsCookie, setCookies } from '../support/cookies.js';
import { AuthGuard, HOST_REFUSAL, RequestScopedAuthGuard, SlowAuthGuard } from './support/guards.js';
import { HostPagesController } from './support/host-pages.js';
import { timing } from '../support/timing.js';

afterEach(stopApps);

/** The pages as they are in an application that puts its guard on each handler. */
@Controller()
class GuardedController extends HostPagesController {
  @Get('me')
  @UseGuards(AuthGuard)
  override me(@Req() req: Request) {
    return super.me(req);
  }

  @Get('half-public')
  @AllowExpired()
  @UseGuards(AuthGuard)
  override halfPublic() {
    return super.halfPublic();
  }
}

@Controller()
@UseGuards(AuthGuard)
class GuardedAsWholeController extends HostPagesController {}

const providing = (guard: Type<unknown>): AppOptions => ({ providers: [{ provide: APP_GUARD, useClass: guard }] });

@Module({ providers: [{ provide: APP_GUARD, useClass: AuthGuard }] })
class AuthModule {}

const hosts: [string, AppOptions][] = [
  ['guards on handlers', { controllers: [GuardedController] }],
  ['a root APP_GUARD', providing(AuthGuard)],
  ['a root APP_GUARD that is asynchronous', providing(SlowAuthGuard)],
  ['a request-scoped APP_GUARD', providing(RequestScopedAuthGuard)],
  ['an APP_GUARD by useExisting', { providers: [AuthGuard, { provide: APP_GUARD, useExisting: AuthGuard }] }],
  ['an APP_GUARD in an imported module', { imports: [AuthModule] }],
  ['app.useGlobalGuards()', { setup: (app) => app.useGlobalGuards(new AuthGuard()) }],
  ['guards on controllers', { controllers: [GuardedAsWholeController] }],
  [
    'all of them',
    { ...providing(AuthGuard), setup: (app) => app.useGlobalGuards(new AuthGuard()), controllers: [GuardedController] },
  ],
];

describe.each(hosts)('an application with %s', (_what, given) => {
  const start = async () => {
    const started = await startApp({ controllers: [HostPagesController], ...given });
    const browser = await started.browser();
    await browser.post('/login').send({ user: 'alice' }).expect(200);
    return { ...started, alice: browser };
  };

  test('lets signed-in users in, and answers anonymous requests itself', async () => {
    const { alice, request } = await start();
    await alice.get('/me').expect(200, { user: 'alice' });
    const { headers } = await request.get('/me').expect(401, HOST_REFUSAL);
    expect(headers).not.toHaveProperty('www-authenticate');
    expect(headers).not.toHaveProperty('server-timing');
    await request.get('/half-public').expect(401, HOST_REFUSAL);
    await request.get('/public').expect(200, { user: null });
  });

  test('tells the reason of an ended session', async () => {
    const { alice, clock, events } = await start();
    clock.advance(15 * MINUTE);
    const answer = await alice.get('/me').expect(401);
    expect(answer.body).toEqual({
      type: 'urn:nestjs-session-timeout:session-expired:idle',
      title: 'Session expired',
      status: 401,
      detail: 'You were signed out because you were inactive.',
      code: 'SESSION_EXPIRED',
      reason: 'idle',
    });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'www-authenticate': 'Session error="expired", reason="idle"',
      'cache-control': 'private, no-cache',
      'server-timing': timing('expired-idle', 0),
    });
    expect(clearsCookie(answer)).toBe(true);
    expect(setCookies(answer)).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
    await alice.get('/me').expect(401, HOST_REFUSAL);
  });

  test('treats an expired session as an anonymous one where @AllowExpired() lets it in', async () => {
    const { alice, clock } = await start();
    clock.advance(15 * MINUTE);
    const answer = await alice.get('/half-public').expect(401, HOST_REFUSAL);
    expect(answer.headers['server-timing']).toEqual(timing('expired-idle', 0));
    await alice.get('/public').expect(200, { user: null });
  });

  test('keeps the answer of its login handler to a wrong password', async () => {
    const { alice, clock } = await start();
    clock.advance(15 * MINUTE);
    const wrong = { message: 'Wrong password', error: 'Unauthorized', statusCode: 401 };
    const answer = await alice.post('/login').send({ user: 'alice', password: 'wrong' }).expect(401, wrong);
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    await alice.post('/login').send({ user: 'bob' }).expect(200);
    await alice.get('/me').expect(200, { user: 'bob' });
  });

  test('lets our routes answer every request', async () => {
    const { alice, request, clock } = await start();
    const ping = await request.get('/session/ping').expect(200);
    expect(ping.body).toEqual({ state: 'anonymous', at: expect.any(Number) });
    await request
      .get('/session/client.js')
      .expect(200)
      .expect('Content-Type', /javascript/);
    await request.post('/session/end').set('X-Session-Client', '1').expect(204, '');
    await request.post('/session/end').expect(403);
    expect((await alice.get('/session/ping').expect(200)).body.state).toBe('active');
    clock.advance(15 * MINUTE);
    expect((await alice.get('/session/ping').expect(200)).body).toEqual({
      state: 'expired',
      reason: 'idle',
      message: 'You were signed out because you were inactive.',
      at: clock.now() / 1000,
    });
    await alice.post('/session/end').set('X-Session-Client', '1').expect(204, '');
    await alice.get('/me').expect(401, HOST_REFUSAL);
  });

  test('cannot bring back a session that our route has signed out', async () => {
    const { alice, events } = await start();
    const answer = await alice.post('/session/end').set('X-Session-Client', '1').expect(204, '');
    expect(clearsCookie(answer)).toBe(true);
    expect(events.filter(({ type }) => type === 'ended')).toEqual([
      expect.objectContaining({ reason: 'signed-out', user: 'alice' }),
    ]);
    await alice.get('/me').expect(401, HOST_REFUSAL);
  });
});
