import { Controller, Get, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MARKER } from '../../../src/express-session/marker.js';
import { MemoryLedger } from '../../../src/index.js';
import { type AppOptions, PagesController, startApp, stopApps, type TestApp } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';

let gate: Gate;

@Controller()
class SlowController {
  @Get('slow')
  async slow() {
    await gate.pass();
    return {};
  }

  @Post('slow-note')
  async note(@Req() req: Request) {
    await gate.pass();
    req.session['slow'] = true;
    return {};
  }
}

/** A ledger that lets the first question wait. */
class HeldLedger extends MemoryLedger {
  private isHeld = true;

  override read(key: string) {
    const isHeld = this.isHeld;
    this.isHeld = false;
    return (isHeld ? gate.pass().then(() => super.read(key)) : super.read(key)) as ReturnType<MemoryLedger['read']>;
  }
}

beforeEach(() => void (gate = new Gate()));
afterEach(stopApps);

const WAYS = ['after a restart', 'without a marker'] as const;

describe.each(WAYS)('a session %s, whose row gets a marker', (way) => {
  let cookie: string;

  /** Somebody has signed in before. Then the application starts. */
  async function start(options: AppOptions['options'] = {}): Promise<TestApp & { row(): Record<string, unknown> }> {
    const before = await startApp();
    cookie = sessionCookie(await before.request.post('/login').send({ user: 'alice' }));
    const { store, clock } = before;
    const [id] = Object.keys(store.sessions) as [string];
    const row = () => JSON.parse(store.sessions[id] as string) as Record<string, unknown>;
    const app = await startApp({ clock, options, session: { store }, controllers: [PagesController, SlowController] });
    if (way === 'without a marker') store.sessions[id] = JSON.stringify({ ...row(), [MARKER]: undefined });
    return { ...app, row };
  }

  const saveMeanwhile = ({ request }: TestApp) =>
    request.post('/note').set('cookie', cookie).send({ note: 'kept' }).expect(201);

  test('keeps what another request saves while the handler works', async () => {
    const app = await start();
    const slow = app.request.get('/slow').set('cookie', cookie).then();
    await gate.hasArrived();
    await saveMeanwhile(app);
    gate.open();
    expect((await slow).status).toBe(200);
    expect(app.row()).toMatchObject({ note: 'kept', [MARKER]: expect.any(String) });
  });

  test('keeps what another request saves while the ledger is slow', async () => {
    const app = await start({ ledger: new HeldLedger() });
    const slow = app.request.get('/me').set('cookie', cookie).then();
    await gate.hasArrived();
    await saveMeanwhile(app);
    gate.open();
    expect((await slow).status).toBe(200);
    expect(app.row()).toMatchObject({ note: 'kept', [MARKER]: expect.any(String) });
  });

  test('has the marker still when the handler has changed the session', async () => {
    const app = await start();
    gate.open();
    await app.request.post('/slow-note').set('cookie', cookie).expect(201);
    expect(app.row()).toMatchObject({ slow: true, [MARKER]: expect.any(String) });
  });

  test('is not stored again if it was signed out meanwhile', async () => {
    const app = await start({ ledger: new HeldLedger() });
    const slow = app.request.get('/me').set('cookie', cookie).then();
    await gate.hasArrived();
    await app.request.post('/logout').set('cookie', cookie).expect(201);
    gate.open();
    await slow;
    expect(app.store.sessions).toEqual({});
  });
});
