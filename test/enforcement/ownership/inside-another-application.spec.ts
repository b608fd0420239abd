import { Controller, Get, Module, Post, Req, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type Express, type Request } from 'express';
import session, { MemoryStore } from 'express-session';
import supertest from 'supertest';
import { SessionTimeoutModule } from '../../../src/index.js';
import { byUser } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';

const running: INestApplication[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

@Controller()
class VisitorsController {
  @Post('note')
  note(@Req() req: Request) {
    req.session['note'] = 'planted';
    return {};
  }

  @Get('me')
  me(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }
}

@Module({ imports: [SessionTimeoutModule.forRoot({ identify: byUser })], controllers: [VisitorsController] })
class AppModule {}

/** An application of Express that has sessions and a sign-in of its own. */
function outerApplication(store: MemoryStore): Express {
  const outer = express();
  outer.use(session({ secret: 'test', resave: false, saveUninitialized: false, store }));
  outer.post('/sign-in', (req, res) => {
    req.session.user = 'victim';
    req.session.save(() => res.json({}));
  });
  return outer;
}

async function nest(inner: Express): Promise<void> {
  const app = await NestFactory.create(AppModule, new ExpressAdapter(inner), { logger: false });
  running.push(app);
  await app.init();
}

const ways: Record<string, (outer: Express) => Promise<void>> = {
  'before it starts': async (outer) => {
    const inner = express();
    outer.use(inner);
    await nest(inner);
  },
  'after it has started': async (outer) => {
    const inner = express();
    await nest(inner);
    outer.use(inner);
  },
  'in an application that is mounted in yet another one': async (outer) => {
    const between = express();
    outer.use(between);
    const inner = express();
    between.use(inner);
    await nest(inner);
  },
  'in an application that is mounted in yet another one later': async (outer) => {
    const between = express();
    const inner = express();
    between.use(inner);
    await nest(inner);
    outer.use(between);
  },
};

describe.each(Object.entries(ways))('an application of Express that mounts Nest %s', (_when, mount) => {
  test('signs in nobody else by itself, not even with the first request after a restart', async () => {
    const store = new MemoryStore();
    const before = outerApplication(store);
    await mount(before);
    const planted = sessionCookie(await supertest(before).post('/note').expect(201));

    const outer = outerApplication(store);
    await mount(outer);
    const own = sessionCookie(await supertest(outer).post('/sign-in').set('cookie', planted).expect(200));
    await supertest(outer).get('/me').set('cookie', planted).expect(401);
    await supertest(outer).get('/me').set('cookie', own).expect(200, { user: 'victim' });
  });
});

test('the methods of its store are given back when Nest closes', async () => {
  const store = new MemoryStore();
  const outer = outerApplication(store);
  const inner = express();
  outer.use(inner);
  await nest(inner);
  await supertest(outer).post('/note').expect(201);
  expect(Object.hasOwn(store, 'set')).toBe(true);
  await Promise.all(running.splice(0).map((app) => app.close()));
  expect(Object.hasOwn(store, 'set')).toBe(false);
  expect(Object.hasOwn(outer.request, 'sessionStore')).toBe(false);
});
