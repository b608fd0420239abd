import { Controller, Post, Req } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import type { Request } from 'express';
import session, { MemoryStore } from 'express-session';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SessionWatch } from '../../src/enforcement/timelines/session-watch.js';
import { SessionTimeoutMiddleware, SessionTimeoutService } from '../../src/index.js';
import { withSession } from '../../src/sockets/index.js';
import { eventually } from '../instances/support/binaries.js';
import { PagesController, startApp, stopApps } from '../support/app.js';
import { sessionCookie } from '../support/cookies.js';
import { handshakeRequest, throughMiddleware } from '../support/handshake.js';
import { type Client, connectIo, connectWs, leaveAll } from './support/clients.js';

v8.setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Counts the objects that somebody still keeps. */
class Kept {
  private readonly all: WeakRef<object>[] = [];
  private readonly known = new WeakSet();

  note(object: object): void {
    if (this.known.has(object)) return;
    this.known.add(object);
    this.all.push(new WeakRef(object));
  }

  async count(): Promise<number> {
    // A weak reference keeps its object until the end of the turn.
    await turn();
    collectGarbage();
    return this.all.filter((each) => each.deref() !== undefined).length;
  }
}

const { add } = SessionWatch.prototype;
const { setTimeout: setTimer } = globalThis;
let requests: Kept;
let watches: Kept;
let timers: Kept;

beforeEach(() => {
  [requests, watches, timers] = [new Kept(), new Kept(), new Kept()];
  SessionWatch.prototype.add = function (...given) {
    watches.note(this);
    add.apply(this, given);
  };
  globalThis.setTimeout = Object.assign((...given: Parameters<typeof setTimer>) => {
    const timer = setTimer(...given);
    timers.note(timer);
    return timer;
  }, setTimer) as typeof setTimer;
});

afterEach(async () => {
  SessionWatch.prototype.add = add;
  globalThis.setTimeout = setTimer;
  leaveAll();
  await stopApps();
});

@WebSocketGateway({ path: '/live' })
class QuietGateway {
  handleConnection({ request }: { readonly request: Request }) {
    requests.note(request);
  }
}

@Controller()
class RenewController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('renew')
  renew(@Req() req: Request) {
    return this.sessions.renew(req);
  }
}

async function start(Adapter: typeof WsAdapter | typeof IoAdapter = WsAdapter) {
  const setup = { secret: 'test', resave: false, saveUninitialized: false, store: new MemoryStore() };
  const sessions = session(setup);
  const started = await startApp({
    controllers: [PagesController, RenewController],
    providers: [QuietGateway],
    session: setup,
    setup: (app) => app.useWebSocketAdapter(new (withSession(Adapter))(app, { session: sessions })),
  });
  await started.app.listen(0);
  const { port } = started.app.getHttpServer().address() as AddressInfo;
  const ours = started.app.get(SessionTimeoutMiddleware).use;
  const signIn = async () => sessionCookie(await started.request.post('/login').send({}).expect(201));
  const watch = async (cookie: string) => {
    const req = handshakeRequest(cookie);
    requests.note(req);
    await throughMiddleware(req, sessions, ours);
    // The listener keeps its request, as those of applications do.
    return started.service.onEnd(req, () => req.destroy());
  };
  return { ...started, port, signIn, watch };
}

/** How the wait for the end of a session ends. */
const ways = ['stopped', 'ended', 'renewed and stopped', 'renewed and ended'] as const;

test('five thousand listeners leave nothing behind, no matter how their wait ends', async () => {
  const { signIn, watch, request, service } = await start();
  for (let round = 0; round < 20; round += 1) {
    const way = ways[round % ways.length] as string;
    const cookie = await signIn();
    const stops: (() => void)[] = [];
    for (let count = 0; count < 250; count += 1) stops.push(await watch(cookie));
    if (round === 0) expect(await requests.count()).toBe(250);
    if (way.includes('renewed')) await request.post('/renew').set('cookie', cookie).expect(201);
    if (way.includes('ended')) await service.endAll('alice');
    else for (const stop of stops) stop();
  }
  expect(await requests.count()).toBe(0);
  expect(await watches.count()).toBe(0);
  expect(await timers.count()).toBeLessThan(10);
});

test.each([
  ['ws', WsAdapter, connectWs],
  ['socket.io', IoAdapter, connectIo(['websocket'])],
] as const)('sockets of %s leave nothing behind, no matter who closes them', async (_name, Adapter, connect) => {
  const { signIn, port, service } = await start(Adapter);
  for (let round = 0; round < 20; round += 1) {
    const isEnded = round % 2 === 0;
    const cookie = await signIn();
    const clients = await Promise.all(Array.from({ length: 5 }, () => connect({ port, cookie }) as Promise<Client>));
    if (isEnded) await service.endAll('alice');
    else for (const client of clients) client.leave();
    await Promise.all(clients.map(({ closed }) => closed));
  }
  leaveAll();
  // Node keeps its last connection for a while.
  await eventually(async () => expect(await requests.count()).toBeLessThan(5));
  await eventually(async () => expect(await watches.count()).toBeLessThan(5));
});
