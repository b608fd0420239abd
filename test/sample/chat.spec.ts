import type { NestExpressApplication } from '@nestjs/platform-express';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import supertest from 'supertest';
import { WebSocket } from 'ws';
import { startSample } from './support/sample-app.js';

let app: NestExpressApplication;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  ({ app } = await startSample());
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(() => app.close());

async function signedIn(username: string, password: string) {
  const browser = supertest.agent(app.getHttpServer());
  const answer = await browser.post('/login').type('form').send({ username, password }).expect(303);
  return { browser, cookie: String([answer.headers['set-cookie']].flat()[0]).split(';')[0] as string };
}

async function chat(cookie?: string): Promise<WebSocket> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const socket = new WebSocket(`ws://localhost:${port}/chat`, { headers: { ...(cookie && { cookie }) } });
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

test('what one user says in the chat, the others hear, by name', async () => {
  const ada = await chat((await signedIn('ada', 'analytical')).cookie);
  const grace = await chat((await signedIn('grace', 'nanosecond')).cookie);
  const heard = once(grace, 'message');
  ada.send(JSON.stringify({ event: 'say', data: '<b>Fog is lifting</b>' }));
  expect(JSON.parse(String((await heard)[0]))).toEqual({
    event: 'said',
    data: { by: 'Ada Lovelace', text: '<b>Fog is lifting</b>' },
  });
});

test('the chat closes when its user signs out, and visitors are sent away', async () => {
  const { browser, cookie } = await signedIn('ada', 'analytical');
  const socket = await chat(cookie);
  const closed = once(socket, 'close');
  await browser.post('/session/end').set('X-Session-Client', '1').expect(204);
  expect((await closed).map(String)).toEqual(['1008', 'signed-out']);

  const [code, reason] = await once(await chat(), 'close');
  expect([code, String(reason)]).toEqual([1008, 'sign in first']);
});
