import 'reflect-metadata';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import supertest from 'supertest';
import { AppModule } from '../../sample/src/app.module.js';
import { setUp } from '../../sample/src/app.setup.js';
import { anyRedis, describeWithRedis } from '../instances/support/redis-server.js';

describeWithRedis('instances of the sample that share Redis', () => {
  const environment = { ...process.env };
  let redis: Awaited<ReturnType<typeof anyRedis>>;
  let one: NestExpressApplication;
  let other: NestExpressApplication;

  beforeAll(async () => {
    redis = await anyRedis();
    Object.assign(process.env, { REDIS_URL: redis.url, SESSION_SECRET: 'shared by the instances' });
    one = await startInstance();
    other = await startInstance();
  });

  afterAll(async () => {
    process.env = environment;
    await Promise.all([one?.close(), other?.close()]);
    await redis?.stop();
  });

  test('share sessions and notes, and a sign-out at one is a sign-out at all', async () => {
    const text = `a note of ${Date.now()}`;
    const signedIn = await post(one, '/login', { username: 'ada', password: 'analytical' });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] as string;

    await post(other, '/notes', { text }, cookie);
    expect((await get(one, '/', cookie)).text).toContain(text);

    await post(other, '/logout', {}, cookie);
    expect((await get(one, '/', cookie)).headers['location']).toBe('/login?reason=signed-out&returnTo=%2F');
  });
});

async function startInstance(): Promise<NestExpressApplication> {
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = moduleRef.createNestApplication<NestExpressApplication>({ logger: false });
  setUp(app);
  return app.init();
}

function get(app: NestExpressApplication, path: string, cookie: string) {
  return supertest(app.getHttpServer()).get(path).set('Accept', 'text/html').set('Cookie', cookie);
}

function post(app: NestExpressApplication, path: string, form: object, cookie = '') {
  return supertest(app.getHttpServer()).post(path).type('form').set('Cookie', cookie).send(form).expect(303);
}
