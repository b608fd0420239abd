import { Controller, Get, type INestApplication, Req, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import type { Request } from 'express';
import { type AppOptions, HOUR, MINUTE, PagesController, startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

@Controller({ path: 'reports', version: '2' })
class ReportsController {
  @Get()
  list(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }
}

const uriVersions = (app: INestApplication) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });

interface Place {
  readonly what: string;
  readonly given: AppOptions;
  /** Where the pages are, where our routes are, and where they are not. */
  readonly pages: string;
  readonly own: string;
  readonly nowhere: readonly string[];
}

const places: Place[] = [
  { what: 'no prefix and no versions', given: {}, pages: '', own: '/session', nowhere: ['/api/session'] },
  {
    what: 'a global prefix',
    given: { setup: (app) => app.setGlobalPrefix('api') },
    pages: '/api',
    own: '/api/session',
    nowhere: ['/session'],
  },
  {
    what: 'a global prefix that leaves out our routes',
    given: { setup: (app) => app.setGlobalPrefix('api', { exclude: ['session/{*route}'] }) },
    pages: '/api',
    own: '/session',
    nowhere: ['/api/session'],
  },
  {
    what: 'versions in the URI',
    given: { setup: uriVersions },
    pages: '/v1',
    own: '/session',
    nowhere: ['/v1/session'],
  },
  {
    what: 'versions in the URI below a global prefix',
    given: { setup: (app) => uriVersions(app).setGlobalPrefix('api') as never },
    pages: '/api/v1',
    own: '/api/session',
    nowhere: ['/api/v1/session', '/session'],
  },
  {
    what: 'versions in the URI below a global prefix that leaves out our routes',
    given: { setup: (app) => uriVersions(app).setGlobalPrefix('api', { exclude: ['session/{*route}'] }) as never },
    pages: '/api/v1',
    own: '/session',
    nowhere: ['/api/session', '/v1/session'],
  },
  {
    what: 'versions in a header',
    given: {
      setup: (app) =>
        app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version', defaultVersion: VERSION_NEUTRAL }),
    },
    pages: '',
    own: '/session',
    nowhere: ['/v1/session'],
  },
  {
    what: 'another path',
    given: { options: { path: '/auth/lifetime/' } },
    pages: '',
    own: '/auth/lifetime',
    nowhere: ['/session', '/auth/session'],
  },
  {
    what: 'another path below a global prefix',
    given: { options: { path: 'lifetime' }, setup: (app) => app.setGlobalPrefix('api') },
    pages: '/api',
    own: '/api/lifetime',
    nowhere: ['/session', '/lifetime', '/api/session'],
  },
];

describe.each(places)('with $what', ({ given, pages, own, nowhere }) => {
  const start = async () => {
    const started = await startApp({
      ...given,
      controllers: [PagesController, ReportsController],
      options: { redirectTo: '/sign-in', passiveRoutes: [`${pages}/me`], ...given.options },
    });
    const alice = started.browser();
    await alice.post(`${pages}/login`).send({ user: 'alice' }).expect(201);
    return { ...started, alice };
  };

  test('our routes are at their path, and at no other', async () => {
    const { request } = await start();
    const { body } = await request.get(`${own}/ping`).expect(200);
    expect(body).toEqual({ state: 'anonymous', loginUrl: '/sign-in', at: expect.any(Number) });
    await request.get(`${own}/client.js`).expect(200);
    await request.post(`${own}/end`).set('X-Session-Client', '1').expect(204);
    for (const path of nowhere) await request.get(`${path}/ping`).expect(404);
  });

  test('reports, limits and redirects work', async () => {
    const { alice, clock } = await start();
    clock.advance(MINUTE);
    await alice.get(`${pages}/me`).expect(200, { user: 'alice' });
    const { body } = await alice.get(`${own}/ping?idleFor=30`).set('X-Session-Client', '1').expect(200);
    expect(body).toMatchObject({ state: 'active', idleFor: 30, idleLeft: 870 });
    clock.advance(HOUR);
    expect((await alice.get(`${own}/ping`).expect(200)).body).toMatchObject({ state: 'expired', reason: 'idle' });
    const page = await alice.get(`${pages}/me?a=1`).set('Sec-Fetch-Mode', 'navigate').expect(303);
    const returnTo = encodeURIComponent(`${pages}/me?a=1`);
    expect(page.headers['location']).toBe(`/sign-in?reason=idle&returnTo=${returnTo}`);
  });
});

test('requests to a versioned handler are judged', async () => {
  const { browser, clock } = await startApp({
    controllers: [PagesController, ReportsController],
    setup: uriVersions,
  });
  const alice = browser();
  await alice.post('/v1/login').send({ user: 'alice' }).expect(201);
  clock.advance(14 * MINUTE);
  await alice.get('/v2/reports').expect(200, { user: 'alice' });
  clock.advance(14 * MINUTE);
  await alice.get('/v2/reports').expect(200, { user: 'alice' });
  clock.advance(15 * MINUTE);
  expect((await alice.get('/v2/reports').expect(401)).body).toMatchObject({ reason: 'idle' });
});

test('two applications in one process each have their own path', async () => {
  const first = await startApp({ options: { path: 'first' } });
  const second = await startApp({ options: { path: 'second' } });
  await first.request.get('/first/ping').expect(200);
  await first.request.get('/second/ping').expect(404);
  await second.request.get('/second/ping').expect(200);
  await second.request.get('/first/ping').expect(404);
});
