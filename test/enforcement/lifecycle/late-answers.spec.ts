import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { filter, firstValueFrom } from 'rxjs';
import { type ActivityLedger, SessionTimeoutService } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { MINUTE, PagesController, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

type Operation = 'open' | 'end';

/** A ledger that does what it is told, but answers one kind of command too late. */
class LateLedger extends SharedLedger {
  late: Operation | undefined;
  readonly gate = new Gate();

  override open(...given: Parameters<ActivityLedger['open']>) {
    return this.answer('open', () => super.open(...given));
  }

  override end(...given: Parameters<ActivityLedger['end']>) {
    return this.answer('end', () => super.end(...given));
  }

  private answer<T>(operation: Operation, work: () => T): T {
    if (this.late !== operation) return work();
    return this.gate.pass().then(work) as T;
  }
}

@Controller()
class RenewController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('renew')
  async renew(@Req() req: Request) {
    await this.sessions.renew(req);
    return {};
  }
}

async function start() {
  const clock = new ManualClock();
  const ledger = new LateLedger({ clock });
  const expired: string[] = [];
  const app = await startApp({
    clock,
    controllers: [PagesController, RenewController],
    options: { ledger, ledgerTimeout: '20ms', onExpired: ({ reason }) => void expired.push(reason) },
  });
  const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
  const get = (path: string) => app.request.get(path).set('cookie', cookie);
  const post = (path: string) => app.request.post(path).set('cookie', cookie);
  const next = (type: string) => firstValueFrom(app.service.events$.pipe(filter((event) => event.type === type)));
  const types = () => app.events.map(({ type }) => type).filter((type) => type !== 'ledger-failed');
  return { ...app, ledger, expired, get, post, next, types };
}

describe('a ledger that answers after its time', () => {
  test('has ended an idle session all the same: it is reported once', async () => {
    const { ledger, clock, get, next, expired, types } = await start();
    clock.advance(15 * MINUTE);
    ledger.late = 'end';
    await get('/me').expect(503);
    const event = next('expired');
    ledger.late = undefined;
    ledger.gate.open();
    await expect(event).resolves.toMatchObject({ reason: 'idle', user: 'alice' });
    expect((await get('/me').expect(401)).body).toMatchObject({ reason: 'idle' });
    expect(expired).toEqual(['idle']);
    expect(types()).toEqual(['started', 'expired']);
  });

  test('leaves a session as it was that renew() could not move', async () => {
    const { ledger, get, post, types } = await start();
    ledger.late = 'open';
    const { headers } = await post('/renew').expect(503);
    expect(headers).not.toHaveProperty('set-cookie');
    ledger.gate.open();
    ledger.late = undefined;
    await get('/me').expect(200, { user: 'alice' });
    await post('/renew').expect(201);
    expect(types()).toEqual(['started', 'ended', 'started']);
  });

  test('does not undo a renew(): the old id ends when the ledger answers', async () => {
    const { ledger, get, post, next, request, types } = await start();
    ledger.late = 'end';
    const renewed = sessionCookie(await post('/renew').expect(201));
    const event = next('ended');
    ledger.late = undefined;
    ledger.gate.open();
    await expect(event).resolves.toMatchObject({ reason: 'replaced', user: 'alice' });
    await request.get('/me').set('cookie', renewed).expect(200, { user: 'alice' });
    await get('/me').expect(401);
    expect(types().toSorted()).toEqual(['ended', 'started', 'started']);
  });

  test('has signed somebody out whose destroy() was called back with an error', async () => {
    const { ledger, get, post, next, store, types } = await start();
    ledger.late = 'end';
    await post('/logout').expect(503);
    const event = next('ended');
    ledger.late = undefined;
    ledger.gate.open();
    await expect(event).resolves.toMatchObject({ reason: 'signed-out' });
    expect(store.sessions).toEqual({});
    expect((await get('/me').expect(401)).body).toMatchObject({ reason: 'signed-out' });
    expect(types()).toEqual(['started', 'ended']);
  });
});
