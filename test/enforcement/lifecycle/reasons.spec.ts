import { Controller, Injectable, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import { SessionTimeoutService } from '../../../src/index.js';
import { PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { SharedLedger } from '../../support/shared-ledger.js';

let gate: Gate;

/** Slow ways to sign out. */
@Injectable()
@Controller()
class SlowController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('destroy')
  async destroy(@Req() req: Request) {
    await gate.pass();
    await new Promise((resolve) => req.session.destroy(resolve));
  }

  @Post('end')
  async end(@Req() req: Request) {
    await gate.pass();
    await this.sessions.end(req);
  }

  @Post('leave')
  async leave(@Req() req: Request) {
    await gate.pass();
    req.session.user = undefined as never;
    req.session['note'] = 'stays';
  }
}

beforeEach(() => void (gate = new Gate()));
afterEach(stopApps);

describe.each(['this instance', 'another instance'])('a session that %s revokes during a slow sign-out', (where) => {
  test.each(['/destroy', '/end', '/leave'])('is revoked, as the answer says, too: %s', async (path) => {
    const shared = { options: { ledger: new SharedLedger() }, session: { store: new MemoryStore() } };
    const app = await startApp({ ...shared, controllers: [PagesController, SlowController] });
    const revoker = where === 'this instance' ? app : await startApp(shared);
    const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
    const slow = app.request.post(path).set('cookie', cookie).then();
    await gate.hasArrived();
    await revoker.service.endAll('alice');
    gate.open();
    const { status, headers } = await slow;
    expect({ status, timing: headers['server-timing'] }).toEqual({
      status: 201,
      timing: expect.stringContaining('expired-revoked'),
    });
    const { body } = await app.request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'revoked' });
  });
});
