import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  HttpException,
  Module,
  Scope,
  type Type,
  UnauthorizedException,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import type { Response } from 'express';
import { MemoryLedger, SessionExpiredException } from '../../src/index.js';
import { type AppOptions, MINUTE, startApp, stopApps } from '../support/app.js';
import { clearsCookie } from '../support/cookies.js';
import { AuthGuard } from './support/guards.js';
import { HostPagesController } from './support/host-pages.js';
import { timing } from '../support/timing.js';

afterEach(stopApps);

/** Puts every error into the form of its application, as most of them do. */
class AppFormat implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const status = exception instanceof HttpException ? exception.getStatus() : 500;
    const res = host.switchToHttp().getResponse<Response>();
    res.status(status).json({
      ok: false,
      message: exception instanceof HttpException ? exception.message : 'Oops',
      ...(exception instanceof SessionExpiredException
        ? { reason: exception.reason, loginUrl: exception.loginUrl, problem: exception.getResponse() }
        : {}),
    });
  }
}

@Catch()
class CatchAll extends AppFormat {}

@Catch(HttpException)
class CatchHttp extends AppFormat {}

@Catch(RangeError)
class CatchRange extends AppFormat {}

@Catch(UnauthorizedException)
class CatchUnauthorized extends AppFormat {}

@Controller()
@UseFilters(CatchAll)
class FilteredController extends HostPagesController {}

const PROBLEM = {
  type: 'urn:nestjs-session-timeout:session-expired:idle',
  title: 'Session expired',
  status: 401,
  detail: 'You were signed out because you were inactive.',
  code: 'SESSION_EXPIRED',
  reason: 'idle',
  loginUrl: '/sign-in?reason=idle',
};

const IN_APP_FORMAT = {
  ok: false,
  message: PROBLEM.detail,
  reason: 'idle',
  loginUrl: PROBLEM.loginUrl,
  problem: PROBLEM,
};

const providing = (filter: Type<ExceptionFilter>): AppOptions => ({
  providers: [
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_FILTER, useClass: filter },
  ],
});
/** An `APP_FILTER` that Nest creates for each request, or for each place that uses it. */
const scoped = (scope: Scope, useClass: Type<ExceptionFilter>, others: AppOptions = {}): AppOptions => ({
  ...others,
  providers: [
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_FILTER, scope, useClass },
  ],
});
/** An `APP_FILTER` of a module that is imported after ours. */
function importing(filter: Type<ExceptionFilter>): AppOptions {
  @Module({ providers: [{ provide: APP_FILTER, useClass: filter }] })
  class ErrorsModule {}
  return { imports: [ErrorsModule], providers: [{ provide: APP_GUARD, useClass: AuthGuard }] };
}
const using = (...filters: ExceptionFilter[]): AppOptions => ({
  providers: [{ provide: APP_GUARD, useClass: AuthGuard }],
  setup: (app) => app.useGlobalFilters(...filters),
});

async function start(given: AppOptions) {
  const started = await startApp({
    controllers: [HostPagesController],
    ...given,
    options: { redirectTo: '/sign-in', ...given.options },
  });
  const alice = started.browser();
  await alice.post('/login').send({ user: 'alice' }).expect(200);
  return { ...started, alice };
}

// The filters of the application's modules come after ours, all others before.
const hosts: [string, AppOptions, object][] = [
  ['an APP_FILTER that catches everything', providing(CatchAll), PROBLEM],
  ['an APP_FILTER for HTTP exceptions', providing(CatchHttp), PROBLEM],
  ['an APP_FILTER for UnauthorizedException', providing(CatchUnauthorized), PROBLEM],
  ['an APP_FILTER per request that catches everything', scoped(Scope.REQUEST, CatchAll), PROBLEM],
  ['an APP_FILTER per request for HTTP exceptions', scoped(Scope.REQUEST, CatchHttp), PROBLEM],
  ['a transient APP_FILTER that catches everything', scoped(Scope.TRANSIENT, CatchAll), PROBLEM],
  [
    'an APP_FILTER per request for something else, and a global filter',
    scoped(Scope.REQUEST, CatchRange, { setup: (app) => app.useGlobalFilters(new CatchUnauthorized()) }),
    IN_APP_FORMAT,
  ],
  ['an APP_FILTER of a later module that catches everything', importing(CatchAll), PROBLEM],
  ['an APP_FILTER of a later module for HTTP exceptions', importing(CatchHttp), PROBLEM],
  ['a global filter that catches everything', using(new CatchAll()), IN_APP_FORMAT],
  ['a global filter for HTTP exceptions', using(new CatchHttp()), IN_APP_FORMAT],
  ['a global filter for UnauthorizedException', using(new CatchUnauthorized()), IN_APP_FORMAT],
  ['a filter of the controller', { ...providing(CatchHttp), controllers: [FilteredController] }, IN_APP_FORMAT],
];

describe.each(hosts)('an application with %s', (_what, given, expected) => {
  test('tells the reason of an ended session', async () => {
    const { alice, clock } = await start(given);
    clock.advance(15 * MINUTE);
    const answer = await alice.get('/me').expect(401);
    expect(answer.body).toEqual(expected);
    expect(answer.headers).toMatchObject({
      'www-authenticate': 'Session error="expired", reason="idle"',
      'cache-control': 'private, no-cache',
      'server-timing': timing('expired-idle', 0),
    });
    expect(clearsCookie(answer)).toBe(true);
  });

  test('keeps its own errors', async () => {
    const { alice, request, clock } = await start(given);
    const anonymous = await request.get('/me').expect(401, { ok: false, message: 'Please sign in' });
    expect(anonymous.headers).not.toHaveProperty('www-authenticate');
    clock.advance(15 * MINUTE);
    const wrong = { ok: false, message: 'Wrong password' };
    await alice.post('/login').send({ user: 'alice', password: 'wrong' }).expect(401, wrong);
  });

  test('lets our routes answer every request', async () => {
    const { alice, request, clock } = await start(given);
    const ping = await request.get('/session/ping').expect(200);
    expect(ping.body).toEqual({ state: 'anonymous', loginUrl: '/sign-in', at: expect.any(Number) });
    await request.get('/session/client.js').expect(200);
    await request.post('/session/end').expect(403);
    clock.advance(15 * MINUTE);
    expect((await alice.get('/session/ping').expect(200)).body).toMatchObject({ state: 'expired', reason: 'idle' });
    await alice.post('/session/end').set('Sec-Fetch-Site', 'same-origin').expect(204, '');
  });
});

test('a page load is redirected although an APP_FILTER catches everything', async () => {
  const { alice, clock } = await start(providing(CatchAll));
  clock.advance(15 * MINUTE);
  const answer = await alice.get('/me?tab=2').set('Sec-Fetch-Mode', 'navigate').expect(303);
  expect(answer.headers['location']).toBe('/sign-in?reason=idle&returnTo=%2Fme%3Ftab%3D2');
  expect(clearsCookie(answer)).toBe(true);
});

test('a filter that extends BaseExceptionFilter sends the problem details', async () => {
  @Catch()
  class Logging extends BaseExceptionFilter {}
  const { alice, clock } = await start({
    setup: (app) => app.useGlobalFilters(new Logging(app.get(HttpAdapterHost).httpAdapter)),
  });
  clock.advance(15 * MINUTE);
  expect((await alice.get('/me').expect(401)).body).toEqual(PROBLEM);
});

test('a ledger that is down is answered with 503 in the format of the application', async () => {
  class Down extends MemoryLedger {
    down = false;
    override read(key: string) {
      if (this.down) throw new Error('down');
      return super.read(key);
    }
  }
  const ledger = new Down();
  const { alice, request } = await start({ ...using(new CatchAll()), options: { ledger } });
  ledger.down = true;
  const answer = await alice.get('/me').expect(503);
  expect(answer.body).toEqual({
    ok: false,
    message: 'The session cannot be checked right now. Try again in a moment.',
  });
  expect(answer.headers['retry-after']).toBe('2');
  expect(answer.headers).not.toHaveProperty('set-cookie');
  await alice.get('/session/ping').expect(503);
  await request.get('/session/ping').expect(200);
  ledger.down = false;
  await alice.get('/me').expect(200, { user: 'alice' });
});
