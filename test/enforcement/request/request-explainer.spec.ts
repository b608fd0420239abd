import { Controller, type ExecutionContext, Get, Injectable, Post, Req, Res, Sse } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { NEVER } from 'rxjs';
import { AllowExpired, PassiveRoute, SessionTimeoutGuard, SessionTimeoutService } from '../../../src/index.js';
import { startGraphql } from '../../integration/support/graphql.js';
import { type AppOptions, MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { openStream } from '../../support/event-stream.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

@Controller()
class OtherController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('touching')
  @PassiveRoute()
  async touching(@Req() req: Request) {
    await this.sessions.touch(req);
  }

  @Post('renewing')
  async renewing(@Req() req: Request) {
    await this.sessions.renew(req);
  }

  @Get('streamed')
  streamed(@Res() res: Response) {
    res.write('begin');
    res.end('end');
  }

  @Sse('live')
  live() {
    return NEVER;
  }

  @Get('odd')
  odd() {
    return {};
  }

  @Get('forged')
  forged() {
    return {};
  }

  @Get('size')
  @AllowExpired()
  größe() {
    return {};
  }
}

const rename = (method: keyof OtherController, name: unknown) =>
  Object.defineProperty(OtherController.prototype[method], 'name', { value: name });
rename('odd', Symbol('odd'));
rename('forged', 'forged\r\nx-evil: 1\n');

/** The lines of the log at the level debug. */
const lines: string[] = [];
const logger = { log() {}, warn() {}, error() {}, debug: (line: string) => void lines.push(line) };
beforeEach(() => void lines.splice(0));

const start = ({ options, ...given }: AppOptions = {}) =>
  startApp({
    controllers: [PagesController, OtherController],
    options: { debug: true, passiveRoutes: ['/public'], ...options },
    logger,
    ...given,
  });

const FOREIGN_IMAGE = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

describe('with the option debug, an answer says', () => {
  test.each<[string, Record<string, string>, string]>([
    ['/me', {}, 'activity; PagesController.me'],
    ['/streamed', {}, 'activity; OtherController.streamed'],
    ['/size', {}, 'activity; OtherController.gr??e'],
    ['/odd', {}, 'activity; OtherController.?'],
    ['/forged', {}, 'activity; OtherController.forged??x-evil: 1?'],
    ['/feed', {}, 'passive; @PassiveRoute'],
    ['/public', {}, 'passive; passiveRoutes'],
    ['/me', { 'x-session-passive': '1' }, 'passive; x-session-passive'],
    ['/me', { 'sec-purpose': 'prefetch' }, 'passive; prefetch'],
    ['/me', FOREIGN_IMAGE, 'passive; cross-site'],
    ['/nowhere', {}, 'passive; no handler'],
    ['/session/ping', {}, 'passive; ping'],
    ['/session/ping?idleFor=1', OWN_PAGE, 'activity; report of the browser'],
    ['/session/ping?idleFor=300', OWN_PAGE, 'passive; ping'],
    ['/session/ping?idleFor=1', FOREIGN_IMAGE, 'passive; report rejected, cross-site'],
    ['/session/ping?idleFor=-1', OWN_PAGE, 'passive; report rejected, malformed'],
    ['/touching', {}, 'activity; touch()'],
  ])('of %s with %j: %s', async (path, headers, text) => {
    const { signedIn, clock, events } = await start();
    const browser = await signedIn();
    clock.advance(MINUTE);
    const answer = await browser.get(path).set(headers);
    expect(answer.headers['x-session-timeout']).toBe(text);
    expect(lines.at(-1)).toBe(`GET ${path.split('?')[0]}: ${text} (session ${events[0]?.session})`);
  });

  test('that it does not concern a visitor', async () => {
    const { browser } = await start();
    const { headers } = await browser().get('/me').expect(200);
    expect(headers['x-session-timeout']).toBe('anonymous');
    expect(lines).toEqual(['GET /me: anonymous']);
  });

  test('that a session has started, or that renew() has restarted its limits', async () => {
    const { browser } = await start();
    const visitor = browser();
    const { headers } = await visitor.post('/login').send({ user: 'alice' }).expect(201);
    expect(headers['x-session-timeout']).toBe('activity; session started');
    const renewed = await visitor.post('/renewing').expect(201);
    expect(renewed.headers['x-session-timeout']).toBe('activity; renew()');
  });

  test.each([
    ['/me', 401, 'refused; idle'],
    ['/public', 200, 'ended; idle'],
    ['/nowhere', 404, 'ended; idle'],
    ['/session/ping', 200, 'ended; idle'],
  ])('what became of the request for %s with an ended session', async (path, status, text) => {
    const { signedIn, clock, events } = await start();
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    const { headers } = await browser.get(path).expect(status);
    expect(headers['x-session-timeout']).toBe(text);
    expect(lines.at(-1)).toBe(`GET ${path}: ${text} (session ${events[0]?.session})`);
  });

  test('that the ledger does not answer, and so the session is not judged', async () => {
    const ledger = new SharedLedger();
    const { signedIn } = await start({ options: { ledger } });
    const browser = await signedIn();
    ledger.read = () => {
      throw new Error('out of order');
    };
    const { headers } = await browser.get('/me').expect(503);
    expect(headers['x-session-timeout']).toBe('not judged; the ledger does not answer');
  });

  test('that there is no session on a path that express-session does not serve', async () => {
    const { request } = await start({ session: { cookie: { path: '/app' } } });
    const { headers } = await request.get('/me');
    expect(headers['x-session-timeout']).toBe('not judged; no session on this path');
  });

  test('that something answered before our middleware, like static files', async () => {
    const early = express.Router().get('/early', (_req, res) => void res.send('early'));
    const { signedIn } = await start({ setup: (app) => app.use(early) });
    const browser = await signedIn();
    const { headers } = await browser.get('/early').expect(200);
    expect(headers['x-session-timeout']).toBe('not judged; answered before our middleware');
  });

  test('why a subclass of the guard calls a request passive', async () => {
    @Injectable()
    class OwnGuard extends SessionTimeoutGuard {
      protected override isPassive(req: Request, context: ExecutionContext): boolean {
        if (req.query['loud'] === '1') return false;
        return super.isPassive(req, context) || req.query['quiet'] === '1';
      }
    }
    const { signedIn } = await start({ providers: [{ provide: APP_GUARD, useClass: OwnGuard }] });
    const browser = await signedIn();
    const said = async (path: string) => (await browser.get(path)).headers['x-session-timeout'];
    expect(await said('/me?quiet=1')).toBe('passive; OwnGuard.isPassive');
    expect(await said('/feed?quiet=1')).toBe('passive; @PassiveRoute');
    expect(await said('/feed?loud=1')).toBe('activity; PagesController.feed');
    expect(await said('/me')).toBe('activity; PagesController.me');
  });

  test('which operation of GraphQL counted, if any', async () => {
    const { ask } = await startGraphql({ options: { debug: true } });
    const said = async (query: string) => (await ask(query)).headers['x-session-timeout'];
    expect(await said('{ feed }')).toBe('passive; @PassiveRoute');
    expect(await said('{ feed me }')).toBe('activity; ProfileResolver.me');
    expect(await said('{ me feed }')).toBe('activity; ProfileResolver.me');
  });

  test('what became of a stream as it begins', async () => {
    const started = await start();
    await started.app.listen(0);
    const cookie = sessionCookie(await started.request.post('/login').send({ user: 'alice' }).expect(201));
    const stream = await openStream(started, '/live', cookie);
    stream.leave();
    expect(stream.headers['x-session-timeout']).toBe('passive; @Sse');
  });
});

test('what clients send cannot forge a line of the log', async () => {
  const decoded: RequestHandler = (req, _res, next) => {
    req.originalUrl = decodeURIComponent(req.originalUrl);
    next();
  };
  const { request } = await start({ beforeSession: (app) => app.use(decoded) });
  const forged = encodeURIComponent(`\r\nGET /other: activity\u009b31m\u2028${'b'.repeat(1000)}`);
  await request.get(`/a${forged}?secret`).expect(404);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^GET \/a\?\?GET \/other: activity\?31m\?b{200,250}: anonymous$/);
});

test('without the option debug, answers and the log say nothing', async () => {
  const { signedIn } = await start({ options: { debug: false } });
  const { headers } = await (await signedIn()).get('/me').expect(200);
  expect(headers).not.toHaveProperty('x-session-timeout');
  expect(lines).toEqual([]);
});
