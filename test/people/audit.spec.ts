import { Controller, Post, Req, Res } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import type { Request, Response } from 'express';
import session from 'express-session';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type AuditEntry, MemoryLedger, RequireFreshAuth, SessionTimeoutService } from '../../src/index.js';
import { type AuditNote, AuditTrail } from '../../src/enforcement/timelines/events/audit-trail.js';
import { sessionKey } from '../../src/express-session/session-key.js';
import type { Settings } from '../../src/options/settings.js';
import type { AuditedRequest } from '../../src/policy/audit-entry.js';
import { withSession } from '../../src/sockets/index.js';
import { type AppOptions, HOUR, MINUTE, PagesController, startApp, stopApps } from '../support/app.js';
import { sessionCookie } from '../support/cookies.js';
import { collector } from '../support/logs.js';
import { RawConnection } from '../support/raw-http.js';
import { connectWs } from '../sockets/support/clients.js';
import { LiveGateway } from '../sockets/support/gateways.js';

afterEach(stopApps);

/** Tells when a handler has begun, and what it has come to when its client has gone. */
const later = new EventEmitter();

@Controller()
class AdminController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('admin/end')
  async end(@Req() req: Request) {
    return { ended: await this.sessions.end(req.body.session) };
  }

  /** Ends a session when the client has gone. */
  @Post('admin/end-later')
  async endLater(@Req() req: Request) {
    later.emit('come');
    await once(req.socket, 'close');
    later.emit('done', await this.sessions.end(String(req.query['session'])).catch(String));
  }

  @Post('admin/end-all')
  async endAll(@Req() req: Request) {
    return { ended: await this.sessions.endAll(req.body.user) };
  }

  @Post('confirm')
  async confirm(@Req() req: Request) {
    await this.sessions.renew(req, { restartLimits: req.body.restartLimits ?? false });
    return {};
  }

  @Post('saved')
  async saved(@Req() req: Request) {
    req.session.user = 'alice';
    await new Promise<void>((resolve, reject) => req.session.save((error) => (error ? reject(error) : resolve())));
    return {};
  }

  @Post('streamed')
  streamed(@Req() req: Request, @Res() res: Response) {
    req.session.user = 'alice';
    res.write('a');
    res.end('b');
  }

  @Post('become')
  become(@Req() req: Request) {
    req.session.user = req.body.user;
    return {};
  }

  @Post('iban')
  @RequireFreshAuth('5m')
  iban() {
    return {};
  }
}

const own = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'cors' };

async function start({ options, ...rest }: AppOptions = {}) {
  const trail: AuditEntry[] = [];
  const app = await startApp({
    controllers: [PagesController, AdminController],
    options: { audit: (entry) => void trail.push(entry), ...options },
    ...rest,
  });
  /** The entries since the last call. */
  const told = () => trail.splice(0);
  return { ...app, told };
}

const SESSION = expect.stringMatching(/^[\w-]{43}$/);
const LOOPBACK = expect.stringMatching(/127\.0\.0\.1|::1/);

describe('the audit trail', () => {
  test('tells when, where, who and what of a sign-in', async () => {
    const { browser, told, clock } = await start();
    await browser().post('/login?token=secret').send({ user: 'alice' }).expect(201);
    expect(told()).toEqual([
      {
        type: 'started',
        at: clock.now(),
        session: SESSION,
        user: 'alice',
        request: { method: 'POST', path: '/login', address: LOOPBACK },
      },
    ]);
  });

  test('has one entry for each end, with its reason and by whom', async () => {
    const { signedIn, told, clock } = await start();
    const browser = await signedIn();
    await browser.post('/logout').expect(201);
    await signedIn();
    clock.advance(15 * MINUTE);
    const other = await signedIn();
    await other.get('/session/list').set(own).expect(200);
    const [, signedOut, ...rest] = told();
    expect(signedOut).toMatchObject({
      type: 'ended',
      reason: 'signed-out',
      by: 'user',
      user: 'alice',
      request: { method: 'POST', path: '/logout', user: 'alice' },
    });
    expect(rest.map(({ type }) => type)).toEqual(['started', 'started']);
  });

  test('has an entry for a limit that has passed, which no request has done', async () => {
    const { signedIn, told, clock } = await start();
    const browser = await signedIn();
    told();
    clock.advance(15 * MINUTE);
    await Promise.all([browser.get('/me'), browser.get('/me'), browser.get('/session/ping')]);
    expect(told()).toEqual([{ type: 'expired', reason: 'idle', at: clock.now(), session: SESSION, user: 'alice' }]);
  });

  test('tells which administrator has ended the session of somebody else', async () => {
    const { signedIn, told } = await start();
    await signedIn('bob');
    const [{ session } = {}] = told();
    const admin = await signedIn('admin');
    const [{ session: ownSession } = {}] = told();
    await admin.post('/admin/end').send({ session }).expect(201, { ended: true });
    const request = { method: 'POST', path: '/admin/end', address: LOOPBACK, session: ownSession, user: 'admin' };
    expect(told()).toEqual([
      { type: 'ended', reason: 'revoked', by: 'application', at: expect.any(Number), session, user: 'bob', request },
    ]);
    await signedIn('bob');
    told();
    await admin.post('/admin/end-all').send({ user: 'bob' }).expect(201, { ended: 1 });
    expect(told()).toMatchObject([{ type: 'ended', by: 'application', user: 'bob', request: { user: 'admin' } }]);
  });

  test.each<[string, AppOptions]>([
    ['', {}],
    [
      ', if the application decides by a function which proxies it trusts',
      { setup: (app) => app.set('trust proxy', (address: string) => address.startsWith('10.')) },
    ],
  ])('tells the address of a client that has gone meanwhile%s', async (_what, given) => {
    const { app, signedIn, request, told } = await start(given);
    await signedIn('bob');
    const [{ session } = {}] = told();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'admin' }).expect(201));
    told();
    await app.listen(0);
    const [come, done] = [once(later, 'come'), once(later, 'done')];
    const connection = await RawConnection.to((app.getHttpServer().address() as AddressInfo).port);
    const path = `/admin/end-later?session=${session}`;
    connection.write(`POST ${path} HTTP/1.1\r\nHost: here\r\nCookie: ${cookie}\r\nContent-Length: 0\r\n\r\n`);
    await come;
    connection.close();
    expect(await done).toEqual([true]);
    expect(told()).toMatchObject([{ type: 'ended', user: 'bob', request: { user: 'admin', address: LOOPBACK } }]);
  });

  test('tells that a user has ended another session in the list', async () => {
    const { signedIn, told } = await start();
    await signedIn();
    const [{ session = '' } = {}] = told();
    const browser = await signedIn();
    const [{ session: ownSession } = {}] = told();
    await browser.delete(`/session/list/${session}`).set(own).expect(204);
    await browser.delete('/session/list?current=true').set(own).expect(200);
    expect(told()).toMatchObject([
      { type: 'ended', reason: 'revoked', by: 'user', session, request: { session: ownSession, method: 'DELETE' } },
      { type: 'ended', reason: 'signed-out', by: 'user', session: ownSession },
    ]);
  });

  test('tells that a sign-in has displaced another session', async () => {
    const { signedIn, told } = await start({ options: { maxSessions: 1 } });
    await signedIn();
    const [{ session } = {}] = told();
    await signedIn();
    expect(told()).toMatchObject([
      { type: 'ended', reason: 'displaced', by: 'policy', session, user: 'alice', request: { path: '/login' } },
      { type: 'started', user: 'alice' },
    ]);
  });

  test.each(['login', 'saved', 'streamed', 'become'])('tells once that a sign-in was refused (%s)', async (way) => {
    const { signedIn, browser, told, clock } = await start({ options: { maxSessions: 1, whenFull: 'refuse' } });
    await signedIn();
    told();
    await browser().post(`/${way}`).send({ user: 'alice' });
    const request = { method: 'POST', path: `/${way}`, address: LOOPBACK };
    expect(told()).toEqual([
      { type: 'sign-in-refused', reason: 'too-many-sessions', user: 'alice', max: 1, at: clock.now(), request },
    ]);
  });

  test.each([false, true])('has one entry for a new proof (restartLimits: %p)', async (restartsLimits) => {
    const { signedIn, told, events } = await start();
    const browser = await signedIn();
    const [{ session: before } = {}] = told();
    await browser.post('/confirm').send({ restartLimits: restartsLimits }).expect(201);
    expect(told()).toEqual([
      {
        type: 'renewed',
        session: SESSION,
        continues: before,
        restartsLimits,
        user: 'alice',
        at: expect.any(Number),
        request: { method: 'POST', path: '/confirm', address: LOOPBACK, session: expect.any(String), user: 'alice' },
      },
    ]);
    expect(events.map(({ type }) => type)).toEqual(['started', 'ended', 'started']);
  });

  test('tells both users when a session passes from one to another', async () => {
    const { signedIn, told } = await start();
    const browser = await signedIn();
    const [{ session: before } = {}] = told();
    await browser.post('/become').send({ user: 'bob' }).expect(201);
    expect(told()).toMatchObject([
      { type: 'ended', reason: 'replaced', by: 'user', session: before, user: 'alice' },
      { type: 'started', continues: before, user: 'bob' },
    ]);
  });

  test('tells under which id a visitor came who signed in without a new one', async () => {
    const { browser, told } = await start();
    const visitor = browser();
    const { headers } = await visitor.post('/note').send({ note: 'basket' }).expect(201);
    const id = decodeURIComponent(String(headers['set-cookie'])).replace(/^connect\.sid=s:([^.]*)\..*$/s, '$1');
    await visitor.post('/become').send({ user: 'alice' }).expect(201);
    const [entry, ...more] = told();
    expect(entry).toMatchObject({ type: 'started', user: 'alice', continues: sessionKey(id) });
    expect(more).toEqual([]);
  });

  test('tells that a fresh proof was asked for', async () => {
    const { signedIn, browser, told, clock } = await start();
    const user = await signedIn();
    const [{ session } = {}] = told();
    clock.advance(6 * MINUTE);
    await user.post('/iban').expect(403);
    await browser().post('/iban').expect(403);
    expect(told()).toMatchObject([
      { type: 'reauthentication-required', session, user: 'alice', maxAge: 5 * MINUTE, authAge: 6 * MINUTE },
      { type: 'reauthentication-required', maxAge: 5 * MINUTE, authAge: null, request: { path: '/iban' } },
    ]);
  });

  test('tells of requests and reports that were rejected', async () => {
    const { signedIn, told } = await start();
    const browser = await signedIn();
    told();
    await browser.get('/session/list').set('Sec-Fetch-Site', 'cross-site').expect(403);
    await browser.post('/session/end').set('Sec-Fetch-Site', 'cross-site').expect(403);
    await browser.delete('/session/list/unknown').set(own).expect(404);
    await browser.get('/session/ping?idleFor=0').set('Sec-Fetch-Site', 'cross-site').expect(200);
    expect(told()).toMatchObject([
      { type: 'request-rejected', reason: 'cross-site', request: { method: 'GET', path: '/session/list' } },
      { type: 'request-rejected', reason: 'cross-site', request: { method: 'POST', path: '/session/end' } },
      { type: 'request-rejected', reason: 'session-not-found', request: { user: 'alice', method: 'DELETE' } },
      { type: 'report-rejected', reason: 'cross-site', user: 'alice' },
    ]);
  });

  test('tells of the handshake of a foreign page', async () => {
    const setup = { secret: 'test', resave: false, saveUninitialized: false };
    const { app, told } = await start({
      providers: [LiveGateway],
      setup: (app) => app.useWebSocketAdapter(new (withSession(WsAdapter))(app, { session: session(setup) })),
    });
    await app.listen(0);
    const { port } = app.getHttpServer().address() as AddressInfo;
    expect(await connectWs({ port, origin: 'https://evil.example' })).toBe(403);
    expect(told()).toMatchObject([
      { type: 'request-rejected', reason: 'cross-site', request: { method: 'GET', address: LOOPBACK } },
    ]);
  });

  test('tells what the ledger says when it fails, in one line', async () => {
    const ledger = new MemoryLedger();
    const { signedIn, told } = await start({ options: { ledger } });
    const browser = await signedIn();
    told();
    ledger.read = () => {
      throw new Error('broken\n2026-01-01 alice signed in \u001b[31m');
    };
    await browser.get('/me').expect(503);
    const [entry] = told();
    expect(entry).toMatchObject({ type: 'ledger-failed', message: expect.not.stringMatching(/\p{Cc}/u) });
    expect(entry).not.toHaveProperty('request');
  });

  test('goes on in report mode', async () => {
    const { signedIn, told, clock } = await start({ options: { mode: 'report' } });
    const browser = await signedIn();
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(200);
    expect(told()).toMatchObject([{ type: 'started' }, { type: 'would-have-expired', reason: 'idle' }]);
  });
});

test('an application that has closed forgets its requests, so that others in the process are as fast as before', () => {
  const entries: AuditEntry[] = [];
  const trail = new AuditTrail({ audit: (entry: AuditEntry) => entries.push(entry) } as unknown as Settings);
  const note = { type: 'signed-in' } as unknown as AuditNote;
  trail.during(
    () => ({ method: 'GET', path: '/' }) as AuditedRequest,
    () => {
      trail.record(note, 0);
      trail.onApplicationShutdown();
      trail.record(note, 0);
    },
  );
  expect(entries.map(({ request }) => request?.path)).toEqual(['/', undefined]);
});

describe('what an entry contains', () => {
  test('is plain data that JSON keeps, without the id of a session, a cookie or a query', async () => {
    const { browser, told, clock, store } = await start({ options: { maxSessions: 1 } });
    for (let turn = 0; turn < 2; turn += 1) {
      const user = browser();
      await user.post('/login?password=secret').send({}).expect(201);
      const ids = Object.keys(store.sessions);
      await user.post('/confirm?password=secret').send({}).expect(201);
      await user.post('/admin/end?password=secret').send({ session: 'unknown' }).expect(201);
      clock.advance(HOUR);
      await user.get('/me').expect(401);
      const entries = told();
      expect(entries.length).toBeGreaterThan(2);
      expect(JSON.parse(JSON.stringify(entries))).toEqual(entries);
      for (const secret of [...ids, ...Object.keys(store.sessions), 'secret', 'connect.sid']) {
        expect(JSON.stringify(entries)).not.toContain(secret);
      }
    }
  });

  test('cannot break a line of a log, whatever a client sends', async () => {
    const { request, told } = await start({ setup: (app) => app.set('trust proxy', true) });
    await request
      .delete(`/session/list/a%0a${'x'.repeat(2000)}`)
      .set({ ...own, 'X-Forwarded-For': '10.0.0.1"} forged' })
      .expect(404);
    await request
      .delete('/session/list/b')
      .set({ ...own, 'X-Forwarded-For': '203.0.113.9' })
      .expect(404);
    const [long, real] = told();
    expect(long?.request?.path).toHaveLength(513);
    expect(long?.request).not.toHaveProperty('address');
    expect(real?.request?.address).toBe('203.0.113.9');
  });
});

describe('an auditor', () => {
  test.each<[string, () => void | Promise<void>]>([
    ['throws', () => void JSON.parse('{')],
    ['rejects', () => Promise.reject(new Error('disk full'))],
    ['never answers', () => new Promise(() => undefined)],
  ])('that %s harms nobody', async (_what, audit) => {
    const lines: string[] = [];
    const { signedIn, browser, clock, events } = await start({
      options: { audit, maxSessions: 1, whenFull: 'refuse' },
      logger: collector(lines),
    });
    const user = await signedIn();
    await browser().post('/login').send({}).expect(403);
    await user.post('/confirm').send({}).expect(201);
    clock.advance(15 * MINUTE);
    await user.get('/me').expect(401);
    expect(events.map(({ type }) => type)).toEqual(['started', 'ended', 'started', 'expired']);
    if (_what !== 'never answers')
      expect(lines.join('\n')).toContain('The option audit failed; its entry "started" is lost');
  });

  test('must be a function', async () => {
    await expect(start({ options: { audit: {} as never } })).rejects.toThrow('audit: must be a function');
  });
});
