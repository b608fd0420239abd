import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { MemoryStore } from 'express-session';
import { ReadAhead } from '../../../src/enforcement/lifecycle/read-ahead.js';
import type { ActivityLedger, LedgerRecord } from '../../../src/index.js';
import type { Settings } from '../../../src/options/settings.js';
import { ManualClock } from '../../../src/testing/index.js';
import { MINUTE, SECOND, startApp, stopApps } from '../../support/app.js';
import { sessionCookie } from '../../support/cookies.js';
import { Gate } from '../../support/gate.js';
import { sent } from '../../support/sent.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

let log: string[] = [];
/** The turn of the event loop, as far as this test sees it. */
let turn = 0;

/** Notes in which turn it is asked, and can be held back. */
class WatchedStore extends MemoryStore {
  gate: Gate | undefined;

  override get(...given: Parameters<MemoryStore['get']>) {
    log.push(`store ${turn}`);
    setImmediate(() => (turn += 1));
    if (this.gate) void this.gate.pass().then(() => super.get(...given));
    else super.get(...given);
  }
}

class WatchedLedger extends SharedLedger {
  /** What the next reads give, in place of what is there. */
  rigged: (LedgerRecord | undefined | Error)[] = [];

  override read(key: string) {
    log.push(`ledger ${turn}`);
    const answer = this.rigged.length > 0 ? this.rigged.shift() : super.read(key);
    return (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)) as never;
  }
}

async function start({ isShared = true } = {}) {
  const clock = new ManualClock();
  const ledger = new WatchedLedger({ clock });
  if (!isShared) Object.assign(ledger, { shared: false, runId: 'run' });
  const store = new WatchedStore();
  const app = await startApp({ clock, options: { ledger }, session: { store } });
  const cookie = sessionCookie(await app.request.post('/login').send({ user: 'alice' }));
  const get = (path: string) => app.request.get(path).set('cookie', cookie);
  await get('/me').expect(200);
  log = [];
  turn = 0;
  return { ...app, ledger, store, clock, cookie, get };
}

test('a shared ledger is asked once for a request, in the same turn as the store', async () => {
  const { get } = await start();
  await get('/feed').expect(200);
  expect(log).toEqual(['ledger 0', 'store 0']);
});

test('a ledger in memory is asked when the session is judged', async () => {
  const { get } = await start({ isShared: false });
  await get('/feed').expect(200);
  expect(log).toEqual(['store 0', 'ledger 1']);
});

test('a record that is missing in advance is asked for again', async () => {
  const { get, ledger } = await start();
  ledger.rigged = [undefined];
  await get('/feed').expect(200, { user: 'alice' });
  expect(log.filter((line) => line.startsWith('ledger'))).toHaveLength(2);
});

test('a ledger that fails in advance makes the request fail with 503, and nothing else', async () => {
  const { get, ledger } = await start();
  ledger.rigged = [new Error('away')];
  await get('/feed').expect(503);
  await get('/feed').expect(200);
});

test('a failure in advance harms no request whose row is gone', async () => {
  const { get, ledger, store } = await start();
  const rows = (store as unknown as { sessions: Record<string, string> }).sessions;
  for (const id of Object.keys(rows)) delete rows[id];
  ledger.rigged = [new Error('away')];
  await get('/feed').expect(200, { user: null });
});

test('the time between the answer of the ledger and that of the store counts', async () => {
  const { get, store, clock } = await start();
  store.gate = new Gate();
  const answer = sent(get('/me'));
  await store.gate.hasArrived();
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(15 * MINUTE);
  store.gate.open();
  expect((await answer).body).toMatchObject({ reason: 'idle' });
});

describe('while the body of a request is slow to come', () => {
  async function startSlow() {
    const started = await start();
    const { app, cookie, clock } = started;
    await app.listen(0);
    const url = await app.getUrl();
    const body = JSON.stringify({ note: 'tea' });
    return {
      ...started,
      /** Sends a request, calls `meanwhile` when it has come, and then sends the rest of it. */
      async postSlowly(meanwhile: () => Promise<unknown>) {
        const headers = { cookie, 'content-type': 'application/json', 'content-length': body.length };
        const before = log.length;
        const post = request(`${url}/note`, { method: 'POST', headers });
        post.write(body.slice(0, 3));
        while (log.length < before + 2) await new Promise((resolve) => setImmediate(resolve));
        await meanwhile();
        clock.advance(SECOND);
        post.end(body.slice(3));
        const [answer] = (await once(post, 'response')) as [IncomingMessage];
        answer.resume();
        return answer.statusCode;
      },
    };
  }

  test('activity of another request counts', async () => {
    const { get, clock, postSlowly } = await startSlow();
    clock.advance(15 * MINUTE - 2 * SECOND);
    const status = await postSlowly(async () => {
      clock.advance(SECOND);
      await get('/me').expect(200);
    });
    expect(status).toBe(201);
    await get('/me').expect(200);
  });

  test('the end of the session counts', async () => {
    const { service, events, postSlowly } = await startSlow();
    const status = await postSlowly(() => service.end((events[0] as { session: string }).session));
    expect(status).toBe(401);
  });
});

test('a session that a record of before would end is asked for again', async () => {
  const { get, store, clock } = await start();
  clock.advance(15 * MINUTE - 50);
  store.gate = new Gate();
  const answer = sent(get('/feed'));
  await store.gate.hasArrived();
  await new Promise((resolve) => setImmediate(resolve));
  const gate = store.gate;
  store.gate = undefined;
  await get('/me').expect(200);
  clock.advance(50);
  gate.open();
  expect((await answer).status).toBe(200);
});

test('a session that was ended before the request came is refused', async () => {
  const { get, service, events } = await start();
  await service.end((events[0] as { session: string }).session);
  expect((await get('/me').expect(401)).body).toMatchObject({ reason: 'revoked' });
});

describe('in detail', () => {
  const clock = new ManualClock();
  const readAhead = (ledger: object) => new ReadAhead({ clock } as unknown as Settings, ledger as ActivityLedger);
  const record = { state: 'open', sessionAge: 5, idleFor: 1 };

  test.each([
    ['at once', () => record],
    ['later', async () => record],
  ])('a ledger that answers %s is asked for sessions that are known to be tracked', async (_when, read) => {
    const ahead = readAhead({ shared: true, read });
    expect([ahead.knows('a'), ahead.begin('a')]).toEqual([false, undefined]);
    ahead.learn('a');
    expect([ahead.knows('a'), ahead.knows('b'), ahead.begin('b')]).toEqual([true, false, undefined]);
    expect(await ahead.begin('a')).toEqual({ record, at: clock.now() });
  });

  test('a ledger in memory is not asked ahead', () => {
    const ahead = readAhead({ shared: false, read: () => record });
    ahead.learn('a');
    expect([ahead.knows('a'), ahead.begin('a')]).toEqual([false, undefined]);
  });

  test('a failure is that of the request that uses the answer', async () => {
    const ahead = readAhead({ shared: true, read: () => Promise.reject(new Error('down')) });
    ahead.learn('a');
    const unused = ahead.begin('a');
    await new Promise((resolve) => setImmediate(resolve));
    await expect(unused).rejects.toThrow('down');
  });
});
