import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '../../../src/testing/index.js';
import { HOUR, MINUTE, PagesController, startApp, stopApps, type TestApp } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { headerValues, RawConnection } from '../../support/raw-http.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

let gate = new Gate();
beforeEach(() => void (gate = new Gate()));

@Controller()
class UploadController {
  /** Reads the body itself, as code for uploads does, and writes to the session afterwards. */
  @Post('upload')
  async upload(@Req() req: Request) {
    void gate.pass();
    let length = 0;
    for await (const chunk of req) length += (chunk as Buffer).length;
    req.session['uploaded'] = length;
    return { length };
  }
}

/** What happens to the session in the middle of the upload, and its reason. */
const ENDS: Record<string, (app: TestApp, cookie: string) => unknown> = {
  idle: ({ clock }) => clock.advance(15 * MINUTE),
  absolute: ({ clock }) => clock.advance(HOUR),
  revoked: ({ service }) => service.endAll('alice'),
  'signed-out': ({ request }, cookie) => request.post('/logout').set('cookie', cookie).expect(201),
  displaced: ({ request }) => request.post('/login').send({ user: 'alice' }).expect(201),
};

describe.each([
  ['in memory', false],
  ['shared', true],
])('an upload, with a ledger %s', (_kind, isShared) => {
  async function start(isIdleLimited: boolean) {
    const clock = new ManualClock();
    const app = await startApp({
      clock,
      controllers: [PagesController, UploadController],
      options: {
        maxSessions: 1,
        idleTimeout: isIdleLimited ? '15m' : '3h',
        absoluteTimeout: isIdleLimited ? '12h' : '1h',
        sweepInterval: false,
        ...(isShared && { ledger: new SharedLedger({ clock }) }),
      },
    });
    await app.app.listen(0);
    const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
    const upload = await RawConnection.to((app.app.getHttpServer().address() as AddressInfo).port);
    const head = ['POST /upload HTTP/1.1', 'Host: site.example', `Cookie: ${cookie}`, 'Content-Length: 10'];
    upload.write(`${head.join('\r\n')}\r\n\r\nfirst`);
    await gate.hasArrived();
    const end = async () => {
      upload.write('-part');
      const answer = await upload.read('POST');
      upload.close();
      return answer;
    };
    return { app, cookie, end };
  }

  test.each(Object.entries(ENDS))(
    'in whose middle the session ends (%s) does not bring it back',
    async (reason, act) => {
      const { app, cookie, end } = await start(reason !== 'absolute');
      await act(app, cookie);
      const answer = await end();
      // It was let in when it came.
      expect(answer?.status).toBe(201);
      expect(answer && headerValues(answer, 'set-cookie')).toEqual([]);
      expect((await app.request.get('/me').set('cookie', cookie).expect(401)).body).toMatchObject({ reason });
      expect(Object.keys(app.store.sessions)).toHaveLength(reason === 'displaced' ? 1 : 0);
      expect(app.events.filter((event) => 'reason' in event)).toEqual([expect.objectContaining({ reason })]);
    },
  );

  test('that takes long, but less than the idle limit, counts at its end', async () => {
    const { app, cookie, end } = await start(true);
    app.clock.advance(14 * MINUTE);
    expect((await end())?.status).toBe(201);
    app.clock.advance(14 * MINUTE);
    await app.request.get('/me').set('cookie', cookie).expect(200, { user: 'alice' });
  });
});
