import { filter, firstValueFrom } from 'rxjs';
import { Controller, Post, Req } from '@nestjs/common';
import type { Request, Response } from 'express';
import { MemoryStore } from 'express-session';
import {
  AllowExpired,
  type LedgerRecord,
  MemoryLedger,
  type MaybePromise,
  type Opening,
  SessionUnavailableException,
} from '../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps } from '../support/app.js';
import { sessionCookie } from '../support/cookies.js';
import { collector } from '../support/logs.js';

afterEach(stopApps);

/** A ledger that can be out of order. */
class UnreliableLedger extends MemoryLedger {
  fault: 'none' | 'throws' | 'rejects' | 'hangs' = 'none';

  override open(key: string, opening: Opening): LedgerRecord {
    if (this.fault !== 'none') throw new Error('out of order');
    return super.open(key, opening);
  }

  override read(key: string): LedgerRecord | undefined {
    if (this.fault === 'throws') throw new Error('out of order');
    if (this.fault === 'rejects')
      return Promise.reject(new Error('out of order')) as MaybePromise<undefined> as undefined;
    if (this.fault === 'hangs') return new Promise(() => {}) as MaybePromise<undefined> as undefined;
    return super.read(key);
  }
}

describe('a ledger that does not answer', () => {
  test.each(['throws', 'rejects', 'hangs'] as const)(
    'because it %s: a visitor whose session is gone gets the page, and learns why it ended later',
    async (fault) => {
      const ledger = new UnreliableLedger();
      const { signedIn, store, service } = await startApp({ options: { ledger, ledgerTimeout: '20ms' } });
      const browser = await signedIn();
      await service.endAll('alice');
      store.sessions = Object.create(null);
      ledger.fault = fault;
      await browser.get('/public').expect(200);
      ledger.fault = 'none';
      expect((await browser.get('/me').expect(401)).body).toMatchObject({ reason: 'revoked' });
    },
  );

  test.each(['throws', 'rejects', 'hangs'] as const)(
    'because it %s: requests get 503 until it answers, and nothing is lost',
    async (fault) => {
      const ledger = new UnreliableLedger();
      const {
        signedIn,
        browser: visitor,
        store,
        events,
      } = await startApp({ options: { ledger, ledgerTimeout: '20ms' } });
      const browser = await signedIn();
      ledger.fault = fault;

      for (const path of ['/me', '/feed', '/public', '/nowhere', '/session/ping']) {
        const { headers } = await browser.get(path).expect(503);
        expect(headers).toMatchObject({ 'retry-after': '2' });
        expect(headers).not.toHaveProperty('set-cookie');
      }
      expect(Object.keys(store.sessions)).toHaveLength(1);
      expect(events.filter(({ type }) => type === 'ledger-failed').length).toBeGreaterThan(0);
      await visitor().get('/me').expect(200, { user: null });

      ledger.fault = 'none';
      await browser.get('/me').expect(200, { user: 'alice' });
      expect(events.filter(({ type }) => type === 'expired' || type === 'ended')).toEqual([]);
    },
  );

  test('makes a sign-in fail with 503', async () => {
    const ledger = new UnreliableLedger();
    const { browser } = await startApp({ options: { ledger } });
    ledger.fault = 'throws';
    const { headers } = await browser().post('/login').send({ user: 'alice' }).expect(503);
    expect(headers).toMatchObject({ 'retry-after': '2' });
  });

  test('does not change the answer of a handler that has already run', async () => {
    const ledger = new UnreliableLedger();

    @Controller()
    class PaymentController {
      @Post('pay')
      pay() {
        ledger.fault = 'throws';
        return { paid: true };
      }
    }

    const { signedIn } = await startApp({ options: { ledger }, controllers: [PagesController, PaymentController] });
    const browser = await signedIn();
    await browser.post('/pay').expect(201, { paid: true });
  });

  test('makes the methods of the service fail with 503, and its error is logged from time to time', async () => {
    const ledger = new UnreliableLedger();
    const logs: string[] = [];
    const { service, signedIn } = await startApp({ options: { ledger }, logger: collector(logs) });
    const browser = await signedIn();
    ledger.fault = 'throws';
    await expect(service.end('hash')).rejects.toBeInstanceOf(SessionUnavailableException);
    for (let i = 0; i < 3; i += 1) await browser.get('/me').expect(503);
    expect(logs.filter((line) => line.includes('the session ledger failed'))).toHaveLength(1);
  });

  test('keeps requests from routers of the application, so that they see no unchecked user', async () => {
    const ledger = new UnreliableLedger();
    const seen: unknown[] = [];
    const app = await startApp({ options: { ledger } });
    app.app.use('/router', (req: Request, res: Response) => {
      seen.push(req.session.user);
      res.end();
    });
    const browser = await app.signedIn();
    ledger.fault = 'throws';
    await browser.get('/router').expect(503);
    expect(seen).toEqual([]);
  });

  test('makes a sign-out fail: the row is deleted, and the session ends as soon as the ledger answers', async () => {
    const ledger = new UnreliableLedger();

    @Controller()
    class BreakingController {
      @Post('break-and-sign-out')
      async signOut(@Req() req: Request) {
        ledger.fault = 'throws';
        await new Promise<void>((resolve, reject) =>
          req.session.destroy((error) => (error ? reject(error) : resolve())),
        );
        return {};
      }
    }

    const { events, request, service, store } = await startApp({
      options: { ledger },
      controllers: [PagesController, BreakingController],
    });
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const { headers } = await request.post('/break-and-sign-out').set('cookie', cookie).expect(503);
    expect(headers).toMatchObject({ 'retry-after': '2' });
    expect(store.sessions).toEqual({});
    const ended = firstValueFrom(service.events$.pipe(filter(({ type }) => type === 'ended')));
    ledger.fault = 'none';
    await expect(ended).resolves.toMatchObject({ reason: 'signed-out', user: 'alice' });
    expect((await request.get('/me').set('cookie', cookie).expect(401)).body).toMatchObject({ reason: 'signed-out' });
    expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1);
  });
});

describe('a session store that is disconnected', () => {
  test('makes requests with a cookie fail with 503, and not anonymous requests', async () => {
    const store = new MemoryStore();
    const { signedIn, request } = await startApp({ session: { store } });
    const browser = await signedIn();
    store.emit('disconnect');
    const { headers } = await browser.get('/me').expect(503);
    expect(headers).toMatchObject({ 'retry-after': '2' });
    expect(headers).not.toHaveProperty('set-cookie');
    await browser.get('/session/ping').expect(503);
    await request.get('/nowhere').expect(404);
    const ping = await request.get('/session/ping').expect(200);
    expect(ping.body).toEqual({ state: 'anonymous', at: expect.any(Number) });
    await request.post('/session/end').set('x-session-client', '1').expect(204);
    await browser.get('/public').expect(200);

    store.emit('connect');
    await browser.get('/me').expect(200, { user: 'alice' });
  });
});

describe('a session store that cannot delete', () => {
  test.each([
    ['/logout', 200],
    ['/login', 401],
  ])('and throws: POST %s is answered, and the session is over', async (path, next) => {
    const { signedIn, store } = await startApp();
    const browser = await signedIn();
    store.destroy = () => {
      throw new Error('read only');
    };
    await browser.post(path).send({ user: 'alice' }).expect(500);
    const { body } = await browser.get('/me').expect(next);
    expect(body).not.toMatchObject({ user: 'alice' });
  });

  test('is asked again until the row is gone, so that no restart brings the session back', async () => {
    const { request, store, clock, app } = await startApp();
    const cookie = sessionCookie(await request.post('/login').send({ user: 'alice' }));
    const destroy = store.destroy.bind(store);
    let isAsked: (() => void) | undefined;
    store.destroy = (_id, callback) => callback?.(new Error('read only'));
    clock.advance(15 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(401);
    expect(Object.keys(store.sessions)).toHaveLength(1);
    const again = new Promise<void>((resolve) => (isAsked = resolve));
    store.destroy = (id, callback) => destroy(id, (error) => (callback?.(error), isAsked?.()));
    await again;
    expect(store.sessions).toEqual({});
    await app.close();
  });

  test('does not keep an ended session alive', async () => {
    const { signedIn, store, clock } = await startApp();
    const browser = await signedIn();
    store.destroy = (_id, callback) => callback?.(new Error('read only'));
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401);
    const [row] = Object.keys(store.sessions);
    expect(row).toBeDefined();
    const cookies = await browser.get('/session/ping').expect(200);
    expect(cookies.body).toEqual({ state: 'anonymous', at: expect.any(Number) });
  });
});

@Controller()
class PlainController extends PagesController {
  @Post('plain')
  @AllowExpired()
  plain(@Req() req: Request) {
    req.session.user = 'alice';
    return {};
  }
}

test.each(['/login', '/plain'])(
  'a sign-in that the store cannot write gets 503, also if the store calls back with a text (POST %s)',
  async (path) => {
    const store = new MemoryStore();
    const { request, browser, service } = await startApp({ session: { store }, controllers: [PlainController] });
    const visitor = browser();
    await visitor.post('/note').send({ note: 'a' }).expect(201);
    const set = store.set.bind(store);
    store.set = (...given) => void setImmediate(() => given[2]?.('connection lost'));
    const answer = await request.post(path).send({}).expect(503);
    expect(answer.headers['retry-after']).toBe('2');
    await visitor.post(path).send({}).expect(503);
    expect(await service.list('alice')).toEqual([]);
    store.set = set;
    await visitor.post(path).send({}).expect(201);
    await visitor.get('/me').expect(200, { user: 'alice' });
  },
);
