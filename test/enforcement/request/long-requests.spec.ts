import { Controller, Get } from '@nestjs/common';
import { PassiveRoute } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { MINUTE, PagesController, startApp, stopApps, type TestApp } from '../../support/app.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { Gate } from '../../support/gate.js';

afterEach(stopApps);

/** Where long requests wait. */
let gate = new Gate();
beforeEach(() => (gate = new Gate()));

@Controller()
class ExportController {
  @Get('export')
  async export() {
    await gate.pass();
    return {};
  }

  @Get('passive-export')
  @PassiveRoute()
  async passive() {
    await gate.pass();
    return {};
  }
}

/** Sends a request that takes `minutes`, and does `meanwhile` after each. */
async function long(
  { app, browser, clock }: TestApp,
  path: string,
  minutes: number,
  meanwhile: (alice: ReturnType<TestApp['browser']>) => unknown = () => undefined,
) {
  await app.listen(0);
  const alice = browser();
  await alice.post('/login').send({ user: 'alice' }).expect(201);
  const answer = alice.get(path).then((response) => response);
  await gate.hasArrived();
  for (let minute = 0; minute < minutes; minute += 1) {
    clock.advance(MINUTE);
    await meanwhile(alice);
  }
  gate.open();
  await answer;
  return alice;
}

const start = () => startApp({ controllers: [PagesController, ExportController] });

describe('a long request', () => {
  test('counts when it ends, too', async () => {
    const app = await start();
    const alice = await long(app, '/export', 14);
    app.clock.advance(14 * MINUTE);
    await alice.get('/me').expect(200);
  });

  test('counts when it ends if others have kept the session alive meanwhile', async () => {
    const app = await start();
    const alice = await long(app, '/export', 16, (other) => other.get('/me').expect(200));
    app.clock.advance(14 * MINUTE);
    await alice.get('/me').expect(200);
  });

  test('does not bring back a session that has become idle meanwhile', async () => {
    const app = await start();
    const alice = await long(app, '/export', 15);
    const { body } = await alice.get('/me').expect(401);
    expect(body).toMatchObject({ reason: 'idle' });
  });

  test('does not bring back a session that was signed out meanwhile', async () => {
    const app = await start();
    let isOut = false;
    const alice = await long(app, '/export', 2, async (other) => {
      if (!isOut) await other.post('/logout').expect(201);
      isOut = true;
    });
    await alice.get('/me').expect(200, { user: null });
    expect(app.events.map(({ type }) => type)).toEqual(['started', 'ended']);
  });

  test('does not count if it is passive', async () => {
    const app = await start();
    const alice = await long(app, '/passive-export', 14);
    app.clock.advance(MINUTE);
    await alice.get('/me').expect(401);
  });

  test('costs the ledger nothing more if it was short', async () => {
    const clock = new ManualClock();
    const ledger = new CountingLedger(clock);
    const { signedIn } = await startApp({ clock, options: { ledger } });
    const alice = await signedIn();
    const before = { ...ledger.calls };
    await alice.get('/me').expect(200);
    expect(ledger.calls).toEqual({ ...before, read: before.read + 1, advance: before.advance + 1 });
  });
});
