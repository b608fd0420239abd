import { randomUUID } from 'node:crypto';
import { Controller, Post, Req } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import session from 'express-session';
import supertest from 'supertest';
import { SessionTimeoutModule } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { type AppOptions, MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { collector } from '../../support/logs.js';
import { SharedLedger } from '../../support/shared-ledger.js';

const running: NestExpressApplication[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
  await stopApps();
});

/** An application that mounts its session itself, and what it logs. */
async function start(setUp: (app: NestExpressApplication) => void) {
  const logs: string[] = [];
  const moduleRef = await Test.createTestingModule({
    imports: [SessionTimeoutModule.forRoot()],
    controllers: [PagesController],
  }).compile();
  const app = moduleRef.createNestApplication<NestExpressApplication>({ logger: collector(logs) });
  running.push(app);
  setUp(app);
  await app.init();
  return { request: supertest(app.getHttpServer()), logs };
}

const expressSession = () => session({ secret: 'test', resave: false, saveUninitialized: false });

@Controller()
class CarelessController {
  @Post('careless-login')
  login(@Req() req: Request) {
    req.session.user = 'alice';
    return {};
  }

  @Post('insistent-login')
  async insist(@Req() req: Request) {
    req.session.user = 'alice';
    const save = () => new Promise<unknown>((resolve) => req.session.save(resolve));
    const failed = await save();
    await save();
    return { failed: Boolean(failed) };
  }
}

describe('an error of the set-up', () => {
  test('cookie-session instead of express-session is named, with the cure', async () => {
    const { request, logs } = await start((app) =>
      // What cookie-session leaves on a request.
      app.use((req: Request, _res: unknown, next: () => void) => {
        Object.assign(req, { session: {} });
        next();
      }),
    );
    await request.get('/me').expect(500);
    expect(logs.join('\n')).toContain('The session on the request has no store');
    expect(logs.join('\n')).toContain('Use express-session instead');
  });

  test.each([
    ['/api', 1],
    ['/session', 0],
    ['/', 0],
  ])('express-session at %s: the ping gets no session (%i warnings)', async (path, times) => {
    const { request, logs } = await start((app) => app.use(path, expressSession()));
    await request.get('/session/ping').expect(200);
    await request.get('/session/ping').expect(200);
    expect(logs.filter((line) => line.includes('express-session is mounted for a part of the site'))).toHaveLength(
      times,
    );
  });
});

test.each([5, undefined])('a genid that returns %p leaves pages without a session, and breaks none', async (id) => {
  const { request } = await startApp({ session: { genid: () => id as unknown as string } });
  await request.get('/public').expect(200);
  await request.get('/me').expect(200, { user: null });
  await request.get('/session/ping').expect(200, /anonymous/);
});

describe('a genid that repeats an id', () => {
  const device = { genid: (req: Request) => String(req.headers['x-device'] ?? 'one') };
  const ERROR = 'A new session has got the id of another one';

  test.each<
    [string, (app: Awaited<ReturnType<typeof startApp>>, alice: ReturnType<typeof supertest.agent>) => unknown]
  >([
    ['after a sign-out', (_app, alice) => alice.post('/logout').expect(201)],
    ['after an expiry', ({ clock }) => clock.advance(15 * MINUTE)],
  ])('is logged once %s', async (_case, end) => {
    const logs: string[] = [];
    const app = await startApp({ session: device, logger: collector(logs) });
    const alice = await app.signedIn();
    expect(logs.join()).not.toContain(ERROR);
    await end(app, alice);
    for (let i = 0; i < 3; i += 1) {
      await alice.get('/me');
      await app.browser().post('/login').send({ user: 'alice' });
    }
    expect(logs.filter((line) => line.includes(ERROR))).toHaveLength(1);
  });

  const startRepeating = async (given: AppOptions = {}) => {
    const logs: string[] = [];
    const app = await startApp({ ...given, session: { ...device, ...given.session }, logger: collector(logs) });
    return { ...app, found: () => logs.filter((line) => line.includes(ERROR)) };
  };

  test('is logged when somebody signs in while the other session goes on', async () => {
    const { signedIn, clock, found } = await startRepeating();
    await signedIn('alice');
    clock.advance(MINUTE);
    expect(found()).toEqual([]);
    await signedIn('bob');
    expect(found()).toHaveLength(1);
  });

  test('is logged where nobody regenerates the session', async () => {
    const { browser, clock, found } = await startRepeating({ controllers: [CarelessController] });
    await browser().post('/careless-login').expect(201);
    clock.advance(MINUTE);
    await browser().post('/careless-login').expect(201);
    expect(found()).toHaveLength(1);
  });

  test('is logged where the user comes from another cookie', async () => {
    const remembered = (app: NestExpressApplication) =>
      app.use((req: Request, _res: unknown, next: () => void) => {
        req.session.user ??= 'alice';
        next();
      });
    const { browser, clock, found } = await startRepeating({ setup: remembered });
    await browser().get('/me').expect(200);
    clock.advance(MINUTE);
    await browser().get('/me');
    expect(found()).toHaveLength(1);
  });

  test.each([
    ['still goes on', false],
    ['has ended', true],
  ])('is logged if another instance has had the session, which %s', async (_how, ends) => {
    const clock = new ManualClock();
    const given = { clock, options: { ledger: new SharedLedger({ clock }) } };
    const [one, two] = await Promise.all([startRepeating(given), startRepeating(given)]);
    const alice = await one.signedIn('alice');
    if (ends) await alice.post('/logout').expect(201);
    clock.advance(MINUTE);
    await two.browser().post('/login').send({ user: 'bob' });
    expect(one.found()).toEqual([]);
    expect(two.found()).toHaveLength(1);
  });

  test('is logged when a visitor gets the id of a user', async () => {
    const clock = new ManualClock();
    const { signedIn, browser, found } = await startRepeating({
      clock,
      options: { ledger: new SharedLedger({ clock }) },
    });
    await signedIn('alice');
    await browser().get('/public').expect(200);
    expect(found()).toHaveLength(1);
  });

  test('is not found where a sign-in is tried again, as the ledger answers late', async () => {
    const clock = new ManualClock();
    let calls = 0;
    class LateLedger extends SharedLedger {
      override open(...given: Parameters<SharedLedger['open']>) {
        const record = super.open(...given);
        calls += 1;
        if (calls === 1) throw new Error('too late');
        return record;
      }
    }
    const ledger = new LateLedger({ clock });
    const { request, found } = await startRepeating({
      clock,
      session: { genid: () => randomUUID() },
      options: { ledger },
      controllers: [CarelessController],
    });
    await request.post('/insistent-login').expect(201, { failed: true });
    expect(found()).toEqual([]);
  });

  test('is not found where ids are new', async () => {
    const logs: string[] = [];
    const { signedIn, clock } = await startApp({ logger: collector(logs) });
    const alice = await signedIn();
    clock.advance(15 * MINUTE);
    await alice.get('/me').expect(401);
    await alice.post('/login').send({ user: 'alice' }).expect(201);
    await alice.post('/logout').expect(201);
    await alice.get('/me').expect(200);
    expect(logs.join()).not.toContain(ERROR);
  });
});
