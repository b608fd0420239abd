import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { AppModule } from '../src/app.module.js';
import { setUp } from '../src/set-up.js';
import { letPass } from './time.js';

const MINUTE = 60_000;

let app: INestApplication;

beforeAll(async () => {
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = moduleRef.createNestApplication();
  setUp(app);
  await app.listen(0);
});

afterAll(() => app.close());

/** A browser with a signed-in user: it keeps its cookies and loads pages. */
async function signedIn() {
  const browser = request.agent(app.getHttpServer()).set('Accept', 'text/html');
  await browser.post('/login').type('form').send({ name: 'ada', password: 'secret' }).expect(303);
  return browser;
}

test('activity keeps a session alive', async () => {
  const browser = await signedIn();
  letPass(14 * MINUTE);
  expect((await browser.get('/').expect(200)).text).toContain('Hello ada');
  letPass(14 * MINUTE);
  expect((await browser.get('/').expect(200)).text).toContain('Hello ada');
});

test('after 15 minutes without activity, a page leads to the login page', async () => {
  const browser = await signedIn();
  letPass(15 * MINUTE);
  await browser
    .get('/')
    .expect(303)
    .expect('Location', /^\/login\?reason=idle/);
});

test('after 15 minutes without activity, a script gets 401', async () => {
  const browser = await signedIn();
  letPass(15 * MINUTE);
  const { body } = await browser.get('/').set('Accept', 'application/json').expect(401);
  expect(body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'idle' });
});
