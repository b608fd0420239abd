import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, ForbiddenException, Get, Post, Req, Res } from '@nestjs/common';
import type { Request, RequestHandler, Response } from 'express';
import { MemoryStore } from 'express-session';
import { jest } from '@jest/globals';
import onHeaders from 'on-headers';
import { config } from 'rxjs';
import {
  AllowExpired,
  type LedgerRecord,
  MemoryLedger,
  SessionExpiredException,
  SessionTimeoutService,
} from '../../src/index.js';
import { sessionKey } from '../../src/express-session/session-key.js';
import { ManualClock } from '../../src/testing/index.js';
import { MINUTE, PagesController, startApp, stopApps, type TestApp } from '../support/app.js';
import { sessionCookie, sessionIdOf } from '../support/cookies.js';
import { CountingLedger } from '../support/counting-ledger.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';

afterEach(() => {
  jest.useRealTimers();
});
afterEach(stopApps);

/** Another application has signed alice in before this one has seen a request. */
async function signedInBefore(): Promise<{ store: MemoryStore; cookie: string; clock: ManualClock }> {
  const store = new MemoryStore();
  const before = await startApp({ session: { store } });
  const cookie = sessionCookie(await before.request.post('/login').send({ user: 'alice' }).expect(201));
  await stopApps();
  return { store, cookie, clock: before.clock };
}

describe('a middleware of the application before ours', () => {
  const dropping =
    (error: Error, drop: (req: Request) => void): RequestHandler =>
    (req, _res, next) => {
      if (!req.headers['x-drop']) return next();
      drop(req);
      next(error);
    };

  const destroy = (req: Request) => void req.session.destroy(() => undefined);

  describe.each([
    ['deletes the session', (req: Request) => void delete (req as Partial<Request>).session],
    ['sets the session to null', (req: Request) => void Object.assign(req, { session: null })],
    ['destroys the session', destroy],
  ])('that %s', (_name, drop) => {
    test('and passes on an error gets the answer of its error', async () => {
      const { store, cookie, clock } = await signedInBefore();
      const setup = (app: TestApp['app']) => app.use(dropping(new ForbiddenException(), drop));
      const { request } = await startApp({ session: { store }, clock, setup });
      // Once the store is known.
      await request.get('/public').expect(200);
      await request.get('/me').set({ cookie, 'x-drop': '1' }).expect(403);
    });

    test('and passes on a TypeError gets 500, and no handler runs', async () => {
      const { store, cookie, clock } = await signedInBefore();
      const ran: string[] = [];

      @Controller()
      class WriteController {
        @Get('write')
        @AllowExpired()
        write() {
          ran.push('write');
          return {};
        }
      }
      const { request } = await startApp({
        session: { store },
        clock,
        controllers: [PagesController, WriteController],
        setup: (app) => app.use(dropping(new TypeError('of the application'), drop)),
      });
      await request.get('/public').expect(200);
      await request.get('/write').set({ cookie, 'x-drop': '1' }).expect(500);
      expect(ran).toEqual([]);
    });

    // As long as the store is not known, a session that is not there looks like one that express-session could not
    // load, and a sound row like a store that has failed (http-session.ts:74,172).
    test('and passes on an error at the first request gets its answer', async () => {
      const { store, cookie, clock } = await signedInBefore();
      const setup = (app: TestApp['app']) => app.use(dropping(new ForbiddenException(), drop));
      const { request } = await startApp({ session: { store }, clock, setup });
      await request.get('/me').set({ cookie, 'x-drop': '1' }).expect(403);
    });
  });
});

describe('a store that throws a TypeError because it is down', () => {
  class DownStore extends MemoryStore {
    how: 'none' | 'throws' | 'calls back' = 'none';

    /** How the next read fails, once. Its error has a code, as those of connections do. */
    fails: 'not' | 'throws' | 'calls back' = 'not';

    destroyAll(): void {
      (this as unknown as TestApp['store']).sessions = {};
    }

    override get(sessionId: string, callback: Parameters<MemoryStore['get']>[1]): void {
      const { fails } = this;
      this.fails = 'not';
      const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      if (fails === 'throws') throw reset;
      if (fails === 'calls back') return void setImmediate(() => callback(reset));
      const error = new TypeError("Cannot read properties of undefined (reading 'client')");
      if (this.how === 'throws') throw error;
      if (this.how === 'calls back') setImmediate(() => callback(error));
      else super.get(sessionId, callback);
    }
  }

  test.each(['throws', 'calls back'] as const)('and %s: 503, and the session stays', async (how) => {
    const store = new DownStore();
    const { signedIn, events } = await startApp({ session: { store } });
    const browser = await signedIn();
    store.how = how;
    for (const path of ['/me', '/public', '/session/ping']) {
      const { headers } = await browser.get(path).expect(503);
      expect(headers).not.toHaveProperty('set-cookie');
    }
    store.how = 'none';
    await browser.get('/me').expect(200, { user: 'alice' });
    expect(events.map(({ type }) => type)).toEqual(['started']);
  });

  test.each(['throws', 'calls back'] as const)('and %s once, for a session that is gone by then: 503', async (how) => {
    const store = new DownStore();
    const { signedIn } = await startApp({ session: { store } });
    const browser = await signedIn();
    store.destroyAll();
    store.fails = how;
    await browser.get('/me').expect(503);
    await browser.get('/me').expect(200, { user: null });
  });

  test.each(['throws', 'calls back'] as const)('and %s at the very first request: the same', async (how) => {
    const { store: rows, cookie, clock } = await signedInBefore();
    const store = Object.assign(new DownStore(), { sessions: (rows as TestApp['store']).sessions });
    const { request, events } = await startApp({ session: { store }, clock });
    store.how = how;
    await request.get('/me').set('cookie', cookie).expect(503);
    store.how = 'none';
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
    expect(events.filter(({ type }) => type !== 'started')).toEqual([]);
  });
});

describe('a request timeout of the application, while the end of an answer waits for the ledger', () => {
  test('cannot mix its answer with ours: one answer comes, whole, and the connection stays usable', async () => {
    const gate = new Gate();
    const late = new Gate();

    /** A ledger that takes its time to begin a timeline. */
    class SlowLedger extends MemoryLedger {
      override open(...given: Parameters<MemoryLedger['open']>): LedgerRecord {
        const record = super.open(...given);
        return gate.pass().then(() => record) as unknown as LedgerRecord;
      }
    }

    @Controller()
    class SignInController {
      @Post('sign-in')
      @AllowExpired()
      signIn(@Req() req: Request) {
        req.session.user = 'alice';
        return { hello: 'x'.repeat(70) };
      }
    }
    let answer: Response | undefined;
    const clock = new ManualClock();
    const { app } = await startApp({
      clock,
      controllers: [PagesController, SignInController],
      options: { ledger: new SlowLedger({ clock }), ledgerTimeout: '1m' },
      setup: (nest) =>
        nest.use(((req, res, next) => {
          if (req.path === '/sign-in') void late.pass().then(() => res.status(503).send('too slow'));
          answer = res;
          next();
        }) satisfies RequestHandler),
    });
    await app.listen(0);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (method: string, path: string) => {
      const asking = httpRequest({ port, agent, method, path }).end();
      const [response] = (await once(asking, 'response')) as [IncomingMessage];
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      return { status: response.statusCode, text, length: Number(response.headers['content-length']) };
    };

    const asked = ask('POST', '/sign-in');
    await gate.hasArrived();
    const sentByTimeout = new Promise((resolve) => setImmediate(resolve));
    late.open();
    await sentByTimeout;
    gate.open();
    const { status, text, length } = await asked;
    expect([status, text]).toEqual([201, JSON.stringify({ hello: 'x'.repeat(70) })]);
    expect(length).toBe(text.length);
    expect(answer?.writableEnded).toBe(true);
    const next = await ask('GET', '/me');
    expect([next.status, next.text]).toEqual([200, '{"user":null}']);
    agent.destroy();
  });
});

describe('a refusal', () => {
  // session-expired.filter.ts:25: nobody ends an answer that has begun.
  test('after headers are sent still ends the answer', async () => {
    @Controller()
    class LateRefusalController {
      @Get('late')
      late(@Res() res: Response) {
        res.write('first');
        throw new SessionExpiredException('idle');
      }
    }
    const { request } = await startApp({ controllers: [LateRefusalController] });
    const ended = await request
      .get('/late')
      .timeout(1000)
      .then(
        () => 'ended',
        (error: Error & { timeout?: number }) => (error.timeout === undefined ? 'cut off' : 'hangs'),
      );
    expect(ended).not.toBe('hangs');
  });

  test('comes although the store never says that it has deleted the row', async () => {
    const asked = new Gate();

    class ForgetfulStore extends MemoryStore {
      isForgetful = false;

      override destroy(sessionId: string, callback?: (error?: unknown) => void): void {
        if (this.isForgetful) void asked.pass();
        else super.destroy(sessionId, callback);
      }
    }
    const store = new ForgetfulStore();
    const { signedIn, clock } = await startApp({ session: { store } });
    const browser = await signedIn();
    store.isForgetful = true;
    clock.advance(15 * MINUTE);
    const waiting = asked.hasArrived();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    const refused = sent(browser.get('/me'));
    await waiting;
    jest.advanceTimersByTime(5000);
    const { status, body } = await refused;
    expect([status, body.reason]).toEqual([401, 'idle']);
  });
});

describe('the routes of this package', () => {
  test.each([
    ['GET', '/session/ping'],
    ['POST', '/session/end'],
  ] as const)('ask a ledger that fails once: %s %s', async (method, path) => {
    const clock = new ManualClock();
    let isDown = false;
    const ledger = new CountingLedger(clock, (answer) => {
      if (isDown) throw new Error('out of order');
      return answer;
    });
    const { signedIn } = await startApp({ clock, options: { ledger } });
    const browser = await signedIn();
    isDown = true;
    ledger.reset();
    await (method === 'GET' ? browser.get(path) : browser.post(path)).expect(503);
    expect(ledger.calls).toEqual({ open: 0, read: 1, advance: 0, end: 0 });
  });
});

describe('code that reads the session while an answer is sent', () => {
  type Watch = (res: Response, read: () => void) => void;
  const ways: readonly (readonly [string, Watch])[] = [
    [
      'a wrapper of end()',
      (res, read) => {
        const { end } = res;
        res.end = ((...given: unknown[]) => {
          read();
          return Reflect.apply(end, res, given);
        }) as Response['end'];
      },
    ],
    [
      'a wrapper of writeHead()',
      (res, read) => {
        const { writeHead } = res;
        res.writeHead = ((...given: unknown[]) => {
          read();
          return Reflect.apply(writeHead, res, given);
        }) as Response['writeHead'];
      },
    ],
    ['a listener for headers', (res, read) => onHeaders(res, read)],
    ['a listener for the end', (res, read) => void res.once('prefinish', read)],
  ];

  describe.each(ways)('%s', (_way, watch) => {
    test.each([{}, { saveUninitialized: true, rolling: true, resave: true }])('finds one, with %j', async (session) => {
      const seen: string[] = [];
      const clock = new ManualClock();
      const log: RequestHandler = (req, res, next) => {
        watch(res, () => seen.push(String(req.session.user ?? 'nobody')));
        next();
      };
      const { signedIn, request } = await startApp({ clock, session, beforeSession: (nest) => nest.use(log) });
      const browser = await signedIn();
      seen.length = 0;
      await request.get('/session/ping').expect(200);
      await request.get('/session/client.js').expect(200);
      await request.get('/nowhere').expect(404);
      await browser.get('/me').expect(200, { user: 'alice' });
      clock.advance(15 * MINUTE);
      await browser.get('/me').expect(401);
      expect(seen).toEqual(['nobody', 'nobody', 'nobody', 'alice', 'nobody']);
    });
  });
});

describe('an access log that reads the session when an answer is finished', () => {
  @Controller()
  class SignOutController {
    constructor(private readonly sessions: SessionTimeoutService) {}

    @Post('sign-out')
    async signOut(@Req() req: Request) {
      await this.sessions.end(req);
      return {};
    }

    @Post('sign-out-by-itself')
    async signOutByItself(@Req() req: Request, @Res() res: Response) {
      await this.sessions.end(req);
      res.redirect('/public');
    }

    @Post('leave')
    leave(@Req() req: Request) {
      delete (req.session as Partial<Request['session']>).user;
      return {};
    }
  }

  const controllers = [PagesController, SignOutController];

  async function start(session = {}) {
    const lines: string[] = [];
    const log: RequestHandler = (req, res, next) => {
      const note = (event: string) =>
        res.once(event, () => {
          lines.push(`${event} ${req.session ? (req.session.user ?? 'nobody') : 'no session'} ${typeof req.sessionID}`);
        });
      note('finish');
      note('close');
      next();
    };
    const app = await startApp({ controllers, session, beforeSession: (nest) => nest.use(log) });
    return { ...app, lines };
  }

  describe.each([{}, { saveUninitialized: true, rolling: true, resave: true }])('with %j', (session) => {
    test.each(['/me', '/session/ping', '/session/client.js', '/nowhere'])(
      'finds one after GET %s of a visitor',
      async (path) => {
        const { request, lines } = await start(session);
        await request.get(path);
        expect(lines).toEqual(['finish nobody string', 'close nobody string']);
      },
    );

    test.each(['/me', '/public', '/session/ping', '/session/client.js', '/nowhere'])(
      'finds one after GET %s with an expired session',
      async (path) => {
        const { signedIn, clock, lines } = await start(session);
        const browser = await signedIn();
        clock.advance(15 * MINUTE);
        lines.length = 0;
        await browser.get(path);
        expect(lines).toEqual(['finish nobody string', 'close nobody string']);
      },
    );

    test.each(['/session/end', '/sign-out', '/sign-out-by-itself', '/leave'])(
      'finds one after POST %s',
      async (path) => {
        const { signedIn, lines } = await start(session);
        const browser = await signedIn();
        lines.length = 0;
        await browser.post(path).set('sec-fetch-site', 'same-origin');
        expect(lines).toEqual(['finish nobody string', 'close nobody string']);
      },
    );

    test('finds one after a request whose session another one has ended', async () => {
      const { request, lines, service } = await start(session);
      const answer = await request.post('/login').send({ user: 'alice' });
      const cookie = sessionCookie(answer);
      lines.length = 0;
      await service.end(sessionKey(sessionIdOf(cookie)));
      await request.get('/me').set('cookie', cookie).expect(401);
      expect(lines).toEqual(['finish nobody string', 'close nobody string']);
    });
  });
});

describe('a subscriber of the events that throws', () => {
  // session-events.ts:24: rxjs throws it again outside of any handler, which ends the process.
  test('harms nobody: no error escapes, and others are told', async () => {
    const escaped: unknown[] = [];
    const before = config.onUnhandledError;
    config.onUnhandledError = (error: unknown) => void escaped.push(error);
    try {
      const { service, signedIn, events } = await startApp();
      service.events$.subscribe(() => {
        throw new Error('of the subscriber');
      });
      const told: string[] = [];
      service.events$.subscribe(({ type }) => told.push(type));
      const browser = await signedIn();
      await browser.post('/logout').expect(201);
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(events.map(({ type }) => type)).toEqual(['started', 'ended']);
      expect(told).toEqual(['started', 'ended']);
      expect(escaped).toEqual([]);
    } finally {
      config.onUnhandledError = before;
    }
  });
});
