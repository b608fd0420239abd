import { Controller, Post, Req } from '@nestjs/common';
import type { Request, Response } from 'express';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AllowExpired,
  PassiveRoute,
  SessionStatus,
  SessionTimeoutMiddleware,
  type SessionTimeoutOptions,
  SessionTimeoutService,
} from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { HOUR, MINUTE, PagesController, startApp, stopApps, type TestApp } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { RawConnection } from '../../support/raw-http.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

@Controller()
class BodiesController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('job')
  job(@Req() req: Request) {
    this.sessions.onEnd(req, () => {});
    return {};
  }

  @Post('farewell')
  @AllowExpired()
  farewell(@SessionStatus() status: SessionStatus) {
    return status;
  }

  @Post('telemetry')
  @PassiveRoute()
  telemetry(@Req() req: Request) {
    return { user: req.session.user };
  }
}

const SWEEP = 20;

describe.each([
  ['with a ledger in memory', false, false],
  ['with a shared ledger', true, false],
  ['with the middleware before the body parser', false, true],
  ['with the middleware before the body parser and a shared ledger', true, true],
])('a request whose body comes slowly, %s', (_kind, isShared, isJudgedEarly) => {
  async function start({
    isIdleLimited = true,
    idleTimeout = isIdleLimited ? 15 * MINUTE : 3 * HOUR,
    limitsFor,
  }: { isIdleLimited?: boolean; idleTimeout?: number; limitsFor?: SessionTimeoutOptions['limitsFor'] } = {}) {
    const clock = new ManualClock();
    const gate = new Gate();
    let closing: Promise<unknown> | undefined;
    const app = await startApp({
      clock,
      controllers: [PagesController, BodiesController],
      options: {
        idleTimeout,
        absoluteTimeout: isIdleLimited ? '12h' : '1h',
        sweepInterval: SWEEP,
        limitsFor,
        ...(isShared && { ledger: new SharedLedger({ clock }) }),
      },
      // express-session has found the session, and Nest's parser waits for the body.
      setup: (nest) => {
        if (isJudgedEarly) nest.use(nest.get(SessionTimeoutMiddleware).use);
        nest.use((req: Request, res: Response, next: () => void) => {
          if (req.headers['content-length'] === '10') {
            closing = once(res, 'close');
            void gate.pass();
          }
          next();
        });
      },
    });
    await app.app.listen(0);
    const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
    await app.request.get('/me').set('cookie', cookie).expect(200);

    /** Sends the first half of a request. Returns a function that sends the rest and reads the answer. */
    const send = async (path: string) => {
      const connection = await RawConnection.to((app.app.getHttpServer().address() as AddressInfo).port);
      const head = [
        `POST ${path} HTTP/1.1`,
        'Host: site.example',
        `Cookie: ${cookie}`,
        'Content-Type: application/json',
        'Content-Length: 10',
      ];
      connection.write(`${head.join('\r\n')}\r\n\r\n{"not`);
      await gate.hasArrived();
      const end = async () => {
        connection.write('e":1}');
        const answer = await connection.read('POST');
        connection.close();
        const body = JSON.parse(String(answer?.body)) as { reason?: string; user?: string };
        return {
          status: answer?.status,
          body,
          timing: answer?.headers.find(([name]) => name === 'Server-Timing')?.[1],
        };
      };
      return Object.assign(end, { giveUp: () => connection.close() });
    };
    const me = () => app.request.get('/me').set('cookie', cookie);
    return { ...app, cookie, send, me, closed: () => closing };
  }

  test('keeps its session on the list of its user, also if limits vary', async () => {
    const limitsFor = () => ({ idleTimeout: 2 * HOUR });
    const { send, service, clock } = await start({ limitsFor });
    clock.advance(HOUR);
    const end = await send('/note');
    expect(await service.list('alice')).toMatchObject([{ expiresIn: HOUR }]);
    await end();
    expect(await service.list('alice')).toMatchObject([{ expiresIn: 2 * HOUR }]);
  });

  test('is admitted if it came in time, and counts', async () => {
    const { send, clock, me, events } = await start();
    clock.advance(14 * MINUTE);
    const end = await send('/note');
    clock.advance(2 * MINUTE);
    expect(await end()).toMatchObject({ status: 201, timing: expect.stringContaining('active') });
    clock.advance(14 * MINUTE);
    await me().expect(200, { user: 'alice' });
    expect(events.map(({ type }) => type)).toEqual(['started']);
  });

  test('whose session ends meanwhile gets the same status in its handler and in its headers', async () => {
    const { send, service, events } = await start();
    const end = await send('/farewell');
    await service.end(events[0]?.session ?? '');
    const { body, timing } = await end();
    expect(body).toMatchObject({ state: 'expired', reason: 'revoked' });
    expect(timing).toContain('expired-revoked');
  });

  test('is not overtaken by the sweep', async () => {
    const { send, clock, me } = await start();
    clock.advance(14 * MINUTE);
    const end = await send('/note');
    clock.advance(2 * MINUTE);
    await sleep(5 * SWEEP);
    expect((await end()).status).toBe(201);
    await me().expect(200, { user: 'alice' });
  });

  test('is not overtaken by what waits for the end of the session, such as a stream', async () => {
    const idleTimeout = 60;
    const { send, clock, request, cookie } = await start({ idleTimeout });
    await request.post('/job').set('cookie', cookie).expect(201);
    clock.advance(idleTimeout - 1);
    const end = await send('/note');
    clock.advance(2);
    await sleep(3 * idleTimeout);
    expect((await end()).status).toBe(201);
  });

  test('is not overtaken by somebody who looks at the sessions of the user', async () => {
    const { send, clock, service } = await start({ limitsFor: () => undefined });
    clock.advance(14 * MINUTE);
    const end = await send('/note');
    clock.advance(2 * MINUTE);
    expect(await service.list('alice')).toEqual([]);
    expect((await end()).status).toBe(201);
    expect(await service.list('alice')).toHaveLength(1);
  });

  test('leaves the session to the sweep if it never becomes complete', async () => {
    const { send, clock, events, closed } = await start();
    clock.advance(14 * MINUTE);
    const end = await send('/note');
    end.giveUp();
    await closed();
    clock.advance(2 * MINUTE);
    while (events.length < 2) await sleep(SWEEP);
    expect(events.at(-1)).toMatchObject({ type: 'expired', reason: 'idle' });
  });

  test('is admitted, but extends nothing, if it is passive', async () => {
    const { send, clock, me } = await start();
    clock.advance(14 * MINUTE);
    const end = await send('/telemetry');
    clock.advance(2 * MINUTE);
    expect(await end()).toMatchObject({ status: 201, body: { user: 'alice' } });
    expect((await me().expect(401)).body.reason).toBe('idle');
  });

  test('is refused if it came too late', async () => {
    const { send, clock } = await start();
    clock.advance(15 * MINUTE);
    expect(await (await send('/note'))()).toMatchObject({ status: 401, body: { reason: 'idle' } });
  });

  /** What happens to the session meanwhile, and its reason. */
  const ENDS: Record<string, (app: TestApp, cookie: string) => unknown> = {
    absolute: ({ clock }) => clock.advance(HOUR),
    revoked: ({ service }) => service.endAll('alice'),
    'signed-out': ({ request }, cookie) => request.post('/logout').set('cookie', cookie).expect(201),
  };

  test.each(Object.entries(ENDS))('is refused if the session has ended meanwhile (%s)', async (reason, act) => {
    const app = await start({ isIdleLimited: reason !== 'absolute' });
    const end = await app.send('/note');
    await act(app, app.cookie);
    expect(await end()).toMatchObject({ status: 401, body: { reason } });
  });
});
