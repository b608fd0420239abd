import { Injectable } from '@nestjs/common';
import { SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { WsAdapter } from '@nestjs/platform-ws';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { type SessionEvent, SessionTimeoutService } from '../../src/index.js';
import { MINUTE, startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

@WebSocketGateway({ path: '/live' })
class LiveGateway {
  @SubscribeMessage('hello')
  hello(_client: WebSocket, name: string) {
    return { event: 'hello', data: `hello ${name}` };
  }

  @SubscribeMessage('fail')
  fail() {
    throw new WsException('as asked');
  }
}

/** What a scheduler calls, far from any request. */
@Injectable()
class SessionsJob {
  readonly seen: SessionEvent[] = [];

  constructor(private readonly sessions: SessionTimeoutService) {
    sessions.events$.subscribe((event) => this.seen.push(event));
  }

  /** Ends all sessions of a user, as after a change of the password. */
  async signOutEverywhere(user: string): Promise<number> {
    const theirs = new Set(this.seen.filter((event) => event.user === user).map(({ session }) => session));
    const ended = await Promise.all([...theirs].map((session) => session && this.sessions.end(session)));
    return ended.filter(Boolean).length;
  }
}

test('messages of a gateway and their errors are not changed', async () => {
  const { app } = await startApp({
    providers: [LiveGateway],
    setup: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
  });
  await app.listen(0);
  const socket = new WebSocket(`ws://localhost:${(app.getHttpServer().address() as AddressInfo).port}/live`);
  await once(socket, 'open');
  const answer = async (event: string, data: unknown) => {
    socket.send(JSON.stringify({ event, data }));
    const [message] = (await once(socket, 'message')) as [Buffer];
    return JSON.parse(message.toString()) as unknown;
  };
  expect(await answer('hello', 'alice')).toEqual({ event: 'hello', data: 'hello alice' });
  expect(await answer('fail', null)).toMatchObject({ event: 'exception', data: { message: 'as asked' } });
  expect(await answer('hello', 'bob')).toEqual({ event: 'hello', data: 'hello bob' });
  socket.close();
  await once(socket, 'close');
});

test('a job without a request receives the events and ends sessions by their hash', async () => {
  const { app, signedIn, clock, events } = await startApp({ providers: [SessionsJob] });
  const job = app.get(SessionsJob);
  const [laptop, phone, bob] = [await signedIn('alice'), await signedIn('alice'), await signedIn('bob')];
  clock.advance(MINUTE);
  expect(await job.signOutEverywhere('alice')).toBe(2);
  expect(await job.signOutEverywhere('alice')).toBe(0);
  for (const browser of [laptop, phone]) {
    const { body, headers } = await browser.get('/me').expect(401);
    expect(body).toMatchObject({ reason: 'revoked', detail: 'Your session was ended. Please sign in again.' });
    expect(headers['www-authenticate']).toBe('Session error="expired", reason="revoked"');
  }
  await bob.get('/me').expect(200, { user: 'bob' });
  expect(job.seen).toEqual(events);
  expect(events.filter(({ type }) => type === 'ended')).toHaveLength(2);
});

test('ending an unknown hash does not end any other session', async () => {
  const { service, signedIn } = await startApp();
  const browser = await signedIn();
  await service.end('nobody');
  await browser.get('/me').expect(200, { user: 'alice' });
});
