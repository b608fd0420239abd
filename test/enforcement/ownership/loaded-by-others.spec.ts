import { Controller, Post, Query, Req } from '@nestjs/common';
import { once } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Request, Response } from 'express';
import session, { MemoryStore } from 'express-session';
import { WebSocket, WebSocketServer } from 'ws';
import { AllowExpired } from '../../../src/index.js';
import { PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie, sessionIdOf } from '../../support/cookies.js';

afterEach(stopApps);

const promised = (work: (done: (error?: unknown) => void) => void) =>
  new Promise<void>((resolve, reject) => work((error) => (error ? reject(error as Error) : resolve())));

/** Loads sessions of other browsers from the store, as an administrator's page does. */
@Controller()
class AdminController {
  @Post('basket')
  fill(@Req() req: Request) {
    req.session['basket'] = 'tea';
    return {};
  }

  @Post('admin/change')
  @AllowExpired()
  async change(@Req() req: Request, @Query() { id, user, role }: Record<string, string>) {
    await promised((done) =>
      req.sessionStore.load(id as string, (error, loaded) => {
        if (error || !loaded) return done(error ?? new Error('no session'));
        if (role) loaded['role'] = role;
        else if (user) loaded.user = user;
        else delete (loaded as Partial<typeof loaded>).user;
        (loaded as unknown as Request['session']).save(done);
      }),
    );
    return {};
  }
}

describe('a session that another request loads from the store', () => {
  const start = async (path = '/login') => {
    const app = await startApp({ controllers: [PagesController, AdminController] });
    const cookie = sessionCookie(await app.request.post(path).send({ user: 'alice' }));
    const change = (query: object) =>
      app.request.post('/admin/change').query({ id: decodeURIComponent(sessionIdOf(cookie)), ...query });
    return { ...app, cookie, change, me: () => app.request.get('/me').set('cookie', cookie) };
  };

  test('can be changed', async () => {
    const { change, me, store } = await start();
    await change({ role: 'editor' }).expect(201);
    await me().expect(200, { user: 'alice' });
    expect(Object.values(store.sessions)).toEqual([expect.stringContaining('editor')]);
  });

  test('is signed out if its user is taken off', async () => {
    const { change, me, events } = await start();
    await change({}).expect(201);
    expect((await me().expect(401)).body).toMatchObject({ reason: 'signed-out' });
    expect(events).toMatchObject([{ type: 'started' }, { type: 'ended', reason: 'signed-out', user: 'alice' }]);
  });

  test.each([
    ['somebody', '/login'],
    ['a visitor', '/basket'],
  ])("of %s is ended if it is to become another user's: nobody can be given a new id", async (_whose, path) => {
    const { change, me } = await start(path);
    await change({ user: 'bob' }).expect(201);
    expect((await me().expect(401)).body).toMatchObject({ reason: 'replaced' });
  });
});

describe('a session in the handshake of a WebSocket', () => {
  test.each(['signs somebody in', 'signs somebody out'])('that %s is ended, as its id cannot change', async (what) => {
    const store = new MemoryStore();
    const options = { secret: 'test', resave: false, saveUninitialized: false, store };
    const { request } = await startApp({ controllers: [PagesController, AdminController], session: { store } });
    const path = what === 'signs somebody in' ? '/basket' : '/login';
    const cookie = sessionCookie(await request.post(path).send({ user: 'alice' }));

    const server = createServer();
    const sockets = new WebSocketServer({ noServer: true });
    server.on('upgrade', (req, socket, head) => {
      session(options)(req as Request, new ServerResponse(req) as Response, () =>
        sockets.handleUpgrade(req, socket, head, async (client) => {
          const current = (req as Request).session;
          current.user = path === '/login' ? (undefined as never) : 'victim';
          client.send(await promised((done) => current.save(done)).then(() => 'done', String));
        }),
      );
    });
    server.listen(0);
    const { port } = server.address() as AddressInfo;
    const client = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { cookie } });
    const [message] = (await once(client, 'message')) as [Buffer];
    client.terminate();
    sockets.close();
    server.close();

    expect(message.toString()).toBe('done');
    const reason = path === '/login' ? 'signed-out' : 'replaced';
    expect((await request.get('/me').set('cookie', cookie).expect(401)).body).toMatchObject({ reason });
  });
});
