import express, { type Express, type RequestHandler } from 'express';
import session from 'express-session';
import supertest from 'supertest';
import { mountedSession } from '../../src/express-session/mounted-session.js';

const middleware = () => session({ secret: 'test', resave: false, saveUninitialized: false });

/** How express-session is mounted, as a request shows it. */
async function seen(mount: (app: Express) => unknown): Promise<unknown> {
  const app = express();
  mount(app);
  app.use((req, res) => void res.json({ where: mountedSession(req) ?? null }));
  return (await supertest(app).get('/').expect(200)).body.where;
}

const around =
  (inner: RequestHandler): RequestHandler =>
  (req, res, next) =>
    void inner(req, res, next);

/** Not express-session, and called the same. */
const impostors: Record<string, RequestHandler> = {
  session: (_req, next) => void next,
};

test.each<[string, (app: Express) => unknown, string | null]>([
  ['nowhere', () => undefined, null],
  ['for all paths', (app) => app.use(middleware()), 'everywhere'],
  ['after others', (app) => app.use(express.json()).use(middleware()), 'everywhere'],
  ['for a part of the site', (app) => app.use('/app', middleware()), 'somewhere'],
  ['for several parts', (app) => app.use(['/app', '/admin'], middleware()), 'somewhere'],
  ['for one method', (app) => app.get('/app', middleware()), 'somewhere'],
  ['on a router for all paths', (app) => app.use(express.Router().use(middleware())), 'somewhere'],
  [
    'on a router of a router',
    (app) => app.use('/a', express.Router().use(express.Router().use(middleware()))),
    'somewhere',
  ],
  ['for a part, and for all', (app) => app.use('/app', middleware()).use(middleware()), 'everywhere'],
  ['before a route', (app) => app.use(middleware()).get('/app', () => {}), 'everywhere'],
  [
    'between two routes',
    (app) =>
      app
        .get('/health', () => {})
        .use(middleware())
        .get('/app', () => {}),
    'everywhere',
  ],
  ['behind all routes', (app) => app.get('/app', () => {}).use(middleware()), null],
  ['by a middleware of the application', (app) => app.use(around((_req, _res, next) => next())), null],
  ['by another function of its name', (app) => app.get('/never', impostors['session'] as RequestHandler), null],
])('express-session that is mounted %s', async (_where, mount, where) => {
  expect(await seen(mount)).toBe(where);
});

test.each([
  ['without an application', {}],
  ['of an application without a router', { app: {} }],
  ['of an application whose router shows nothing', { app: { router: {} } }],
  ['of an application whose router has layers of another kind', { app: { router: { stack: [{}, { route: {} }] } } }],
])('is not seen on a request %s', (_what, req) => {
  expect(mountedSession(req as never)).toBeUndefined();
});
