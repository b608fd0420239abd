import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { PassiveRoute } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { MINUTE, PagesController, SECOND, startApp, stopApps, type TestApp } from '../../support/app.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { Gate } from '../../support/gate.js';
import { SharedLedger } from '../../support/shared-ledger.js';

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

  /** The first half goes out at once. */
  @Get('stream')
  async stream(@Res() res: Response) {
    closed = once(res, 'close');
    res.write('first');
    await gate.pass();
    res.end('second');
  }

  /** More than a connection takes at once. */
  @Get('download')
  download(@Res() res: Response) {
    sent = once(res, 'finish');
    closed = once(res, 'close');
    res.end(Buffer.alloc(64 * 1024 * 1024));
  }

  @Get('passive-export')
  @PassiveRoute()
  async passive() {
    await gate.pass();
    return {};
  }
}

/** A shared ledger whose answers can be held back. */
class SlowReads extends SharedLedger {
  gate: Gate | undefined;

  override read(key: string) {
    const answer = super.read(key);
    return Promise.resolve(this.gate?.pass()).then(() => answer) as never;
  }
}

/** When an answer has been sent, and when its connection is done with it. */
let sent: Promise<unknown> | undefined;
let closed: Promise<unknown> | undefined;

/** Opens a download of the user with this cookie. Nothing of it is read until the test does. */
async function answerTo({ app }: TestApp, path: string, cookie: string): Promise<IncomingMessage> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const asked = request({ port, path, headers: { cookie } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

/** Signs alice in, and returns her browser and her cookie. */
async function aliceOf({ app, browser }: TestApp) {
  await app.listen(0);
  const alice = browser();
  const { headers } = await alice.post('/login').send({ user: 'alice' }).expect(201);
  return { alice, cookie: headers['set-cookie']![0]!.split(';')[0]! };
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
  test('is one that takes longer than a twentieth of a short idle limit', async () => {
    const app = await startApp({
      controllers: [PagesController, ExportController],
      options: { limitsFor: () => ({ idleTimeout: '1m' }) },
    });
    await app.app.listen(0);
    const alice = await app.signedIn();
    const answer = alice.get('/export').then((response) => response);
    await gate.hasArrived();
    app.clock.advance(25 * SECOND);
    gate.open();
    await answer;
    app.clock.advance(45 * SECOND);
    await alice.get('/me').expect(200);
  });

  test('counts when its answer was complete, also if the ledger answers much later', async () => {
    const clock = new ManualClock();
    const ledger = new SlowReads({ clock });
    const app = await startApp({ clock, controllers: [PagesController, ExportController], options: { ledger } });
    const reads = new Gate();
    const alice = await long(app, '/export', 1, () => void (ledger.gate = reads));
    await reads.hasArrived();
    clock.advance(14 * MINUTE);
    ledger.gate = undefined;
    reads.open();
    await ledger.read('none');
    clock.advance(2 * MINUTE);
    await alice.get('/me').expect(401);
  });

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

  test('counts when its stream ends', async () => {
    const app = await start();
    const { alice, cookie } = await aliceOf(app);
    const answer = await answerTo(app, '/stream', cookie);
    app.clock.advance(14 * MINUTE);
    gate.open();
    await finished(answer.resume());
    app.clock.advance(14 * MINUTE);
    await alice.get('/me').expect(200, { user: 'alice' });
  });

  test('counts when the browser has taken all of a long download', async () => {
    const app = await start();
    const { alice, cookie } = await aliceOf(app);
    const answer = await answerTo(app, '/download', cookie);
    app.clock.advance(14 * MINUTE);
    answer.resume();
    await sent;
    app.clock.advance(14 * MINUTE);
    await alice.get('/me').expect(200, { user: 'alice' });
  });

  test.each(['/stream', '/download'])('does not count if its connection breaks off: %s', async (path) => {
    const app = await start();
    const { alice, cookie } = await aliceOf(app);
    const answer = await answerTo(app, path, cookie);
    app.clock.advance(14 * MINUTE);
    answer.destroy();
    await closed;
    gate.open();
    app.clock.advance(MINUTE);
    await alice.get('/me').expect(401);
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
