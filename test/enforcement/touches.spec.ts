import { Controller, Get, Post, Req } from '@nestjs/common';
import { RedisStore } from 'connect-redis';
import type { Request } from 'express';
import { MemoryStore, type SessionData, type SessionOptions, type Store } from 'express-session';
import type { SessionTimeoutOptions } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { HOUR, MINUTE, PagesController, SECOND, startApp, stopApps } from '../support/app.js';
import { sessionCookie, sessionIdOf } from '../support/cookies.js';
import { randomOf } from '../support/random.js';

afterEach(stopApps);

/** Counts the touches that reach it. */
class CountingStore extends MemoryStore {
  touches = 0;

  override touch(...given: Parameters<NonNullable<MemoryStore['touch']>>) {
    this.touches += 1;
    super.touch?.(...given);
  }
}

@Controller()
class CookieController {
  @Get('longer')
  longer(@Req() req: Request) {
    req.session.cookie.maxAge = 5 * HOUR;
    return {};
  }

  @Get('shorter')
  shorter(@Req() req: Request) {
    req.session.cookie.maxAge = 5 * SECOND;
    return {};
  }

  @Post('save-early')
  async saveEarly(@Req() req: Request) {
    req.session['saved'] = true;
    await new Promise<void>((resolve) => req.session.save(() => resolve()));
    return {};
  }

  @Post('write-by-hand')
  async writeByHand(@Req() { sessionStore, sessionID }: Request) {
    const row = await new Promise<SessionData>((resolve) =>
      sessionStore.get(sessionID, (_error, row) => resolve(row!)),
    );
    await new Promise<void>((resolve) => sessionStore.set(sessionID, { ...row, written: true }, () => resolve()));
    return {};
  }
}

const CONTROLLERS = [PagesController, CookieController];

/** What connect-redis needs of a Redis, whose time is that of the clock. */
class RedisOfTheClock {
  touches = 0;
  private readonly rows = new Map<string, { text: string; expiresAt: number }>();

  constructor(private readonly clock: ManualClock) {}

  async get(key: string) {
    const row = this.rows.get(key);
    return row && row.expiresAt > this.clock.now() ? row.text : null;
  }

  async set(key: string, text: string, { expiration }: { expiration: { value: number } }) {
    this.rows.set(key, { text, expiresAt: this.clock.now() + expiration.value * SECOND });
  }

  async expire(key: string, seconds: number) {
    this.touches += 1;
    const row = this.rows.get(key);
    if (row) row.expiresAt = this.clock.now() + seconds * SECOND;
  }

  async del([key]: string[]) {
    this.rows.delete(key as string);
  }

  /** Makes a row as old as if it had only been touched for a time: a touch leaves the text of the row as it is. */
  age(cookie: string, time: number, change: (row: Record<string, unknown>) => void = () => {}) {
    const row = this.rows.get(`sess:${sessionIdOf(cookie)}`) as { text: string };
    const data = JSON.parse(row.text);
    data.cookie.expires = new Date(Date.parse(data.cookie.expires) - time).toISOString();
    change(data);
    row.text = JSON.stringify(data);
  }
}

const redisStore = (client: RedisOfTheClock, ttl?: unknown) =>
  new RedisStore({ client, ...(ttl === undefined ? {} : { ttl }) } as never) as Store;

describe('the row of a session that outlives the idle limit', () => {
  test('is touched once per touchInterval, whatever the requests are', async () => {
    const store = new CountingStore();
    const { signedIn, clock } = await startApp({ session: { store } });
    const browser = await signedIn();
    for (let minute = 0; minute < 2; minute += 1) {
      for (let i = 0; i < 5; i += 1) await browser.get(i % 2 ? '/me' : '/feed').expect(200);
      clock.advance(30 * SECOND);
    }
    expect(store.touches).toBe(2);
  });

  test('is touched at touchInterval, if that is given', async () => {
    const store = new CountingStore();
    const { signedIn, clock } = await startApp({ session: { store }, options: { touchInterval: '2m' } });
    const browser = await signedIn();
    for (let i = 0; i < 12; i += 1) {
      await browser.get('/me').expect(200);
      clock.advance(30 * SECOND);
    }
    expect(store.touches).toBe(3);
  });

  test('is saved at once when a request changes the session', async () => {
    const store = new CountingStore();
    const { signedIn } = await startApp({ session: { store } });
    const browser = await signedIn();
    await browser.get('/me').expect(200);
    await browser.post('/note').send({ note: 'kept' }).expect(201);
    expect(Object.values((store as unknown as { sessions: Record<string, string> }).sessions)).toEqual([
      expect.stringContaining('kept'),
    ]);
  });

  test('is touched when a handler changes its cookie', async () => {
    const store = new CountingStore();
    const { signedIn } = await startApp({
      session: { store, cookie: { maxAge: HOUR } },
      controllers: CONTROLLERS,
    });
    const browser = await signedIn();
    await browser.get('/me').expect(200);
    await browser.get('/longer').expect(200);
    await browser.get('/longer').expect(200);
    expect(store.touches).toBe(2);
  });

  test('is touched again at once after a handler has shortened its cookie for one answer', async () => {
    const clock = new ManualClock();
    const store = redisStore(new RedisOfTheClock(clock));
    const { signedIn } = await startApp({
      clock,
      session: { store, cookie: { maxAge: HOUR } },
      controllers: CONTROLLERS,
    });
    const browser = await signedIn();
    await browser.get('/shorter').expect(200);
    for (let i = 0; i < 3; i += 1) {
      clock.advance(3 * SECOND);
      await browser.get('/me').expect(200, { user: 'alice' });
    }
  });

  test('is touched again if a touch has failed', async () => {
    class FailingStore extends CountingStore {
      override touch(...given: Parameters<NonNullable<MemoryStore['touch']>>) {
        this.touches += 1;
        (given[2] as ((error: Error) => void) | undefined)?.(new Error('busy'));
      }
    }
    const store = new FailingStore();
    const { signedIn } = await startApp({ session: { store } });
    const browser = await signedIn();
    for (let i = 0; i < 3; i += 1) await browser.get('/me').expect(200);
    expect(store.touches).toBe(3);
  });
});

describe('every touch goes through', () => {
  const cases: [string, Partial<SessionOptions>, SessionTimeoutOptions][] = [
    ['if the row would not outlive the idle limit', { cookie: { maxAge: 15 * MINUTE } }, {}],
    ['if it would outlive it by touchInterval only', { cookie: { maxAge: 15.5 * MINUTE } }, {}],
    ['if it is rolling, and short', { cookie: { maxAge: 15 * MINUTE }, rolling: true }, {}],
    [
      'if the idle limit of a session is longer',
      { cookie: { maxAge: HOUR } },
      { limitsFor: () => ({ idleTimeout: '2h' }) },
    ],
    ['if there is no idle limit', { cookie: { maxAge: HOUR } }, { idleTimeout: false }],
  ];
  test.each(cases)('%s', async (_when, session, options) => {
    const store = new CountingStore();
    const { signedIn } = await startApp({ session: { ...session, store }, options });
    const browser = await signedIn();
    for (let i = 0; i < 3; i += 1) await browser.get('/me').expect(200);
    expect(store.touches).toBe(3);
  });

  test('for a visitor, whose session has no limit of ours', async () => {
    const store = new CountingStore();
    const { browser: newBrowser } = await startApp({ session: { store } });
    const browser = newBrowser();
    await browser.post('/note').send({ note: 'in the basket' }).expect(201);
    for (let i = 0; i < 3; i += 1) await browser.get('/me').expect(200);
    expect(store.touches).toBe(3);
  });

  test('to a store whose rows live for a time that is not known here', async () => {
    class UnknownStore extends CountingStore {
      readonly options = { ttl: 60 };
    }
    const store = new UnknownStore();
    const { signedIn } = await startApp({ session: { store } });
    const browser = await signedIn();
    for (let i = 0; i < 3; i += 1) await browser.get('/me').expect(200);
    expect(store.touches).toBe(3);
  });

  test.each([
    ['a ttl below the idle limit', 14 * 60, 3],
    ['a ttl above it', 16 * 60, 1],
    ['a ttl by a function', () => 24 * 60 * 60, 3],
    ['its default', undefined, 1],
  ])('to connect-redis with %s: %p s, %p of 3 touches', async (_ttl, ttl, touches) => {
    const clock = new ManualClock();
    const client = new RedisOfTheClock(clock);
    const { signedIn } = await startApp({ clock, session: { store: redisStore(client, ttl) } });
    const browser = await signedIn();
    for (let i = 0; i < 3; i += 1) await browser.get('/me').expect(200);
    expect(client.touches).toBe(touches);
  });
});

describe('a row whose text is as old as the sign-in, as a touch does not change it', () => {
  const MAX_AGE = HOUR;

  async function start(clock: ManualClock, client: RedisOfTheClock) {
    const store = redisStore(client);
    return startApp({ clock, session: { store, cookie: { maxAge: MAX_AGE } }, controllers: CONTROLLERS });
  }

  test.each([
    ['by another application', (row: Record<string, unknown>) => delete row['nestjs-session-timeout']],
    ['before a restart', () => {}],
  ])('is not lost when the session, which was begun %s, gets its marker', async (_when, change) => {
    const clock = new ManualClock();
    const client = new RedisOfTheClock(clock);
    const cookie = sessionCookie(await (await start(clock, client)).request.post('/login').send({}).expect(201));
    client.age(cookie, 2 * MAX_AGE, change);
    await stopApps();

    const { request } = await start(clock, client);
    for (let i = 0; i < 3; i += 1) {
      await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
      clock.advance(14 * MINUTE);
    }
  });

  test.each(['/save-early', '/write-by-hand'])('is touched after it was written by POST %s', async (path) => {
    const clock = new ManualClock();
    const client = new RedisOfTheClock(clock);
    const { request } = await start(clock, client);
    const cookie = sessionCookie(await request.post('/login').send({}).expect(201));
    await request.get('/me').set('cookie', cookie).expect(200);
    client.age(cookie, MAX_AGE - MINUTE);
    await request.post(path).set('cookie', cookie).expect(201);
    clock.advance(14 * MINUTE);
    await request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
  });
});

test.each(Array.from({ length: 8 }, (_, seed) => seed))(
  'nobody active is signed out because a touch was spared: history %d',
  async (seed) => {
    const random = randomOf(seed);
    const clock = new ManualClock();
    const ttl = (14 + Math.floor(random() * 4)) * 60;
    const client = new RedisOfTheClock(clock);
    const { signedIn } = await startApp({
      clock,
      session: { store: redisStore(client, ttl) },
      options: { touchInterval: (5 + Math.floor(random() * 90)) * SECOND, absoluteTimeout: false },
    });
    const browser = await signedIn();
    // connect-redis alone would sign users out who are idle for longer than its ttl.
    const limit = Math.min(15 * MINUTE, ttl * SECOND);
    for (let i = 0; i < 60; i += 1) {
      const pause = random() < 0.3 ? limit - 1 - random() * SECOND : random() * 2 * MINUTE;
      clock.advance(Math.floor(pause));
      await browser.get('/me').expect(200, { user: 'alice' });
    }
  },
);
