import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import session from 'express-session';
import supertest from 'supertest';
import { SessionTimeoutModule } from '../../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { collector } from '../../support/logs.js';

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

describe('a genid that repeats an id', () => {
  const device = { genid: (req: Request) => String(req.headers['x-device'] ?? 'one') };
  const ERROR = 'A new session has got the id of one that has ended';

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
