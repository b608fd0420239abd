import { MemoryLedger, type Reading } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { MINUTE, startApp, stopApps } from '../../support/app.js';

afterEach(stopApps);

const UNCERTAINTY = 100;

/** A ledger whose plain reads are off by as much as they say, or by more after the server's clock was set. */
class UncertainLedger extends MemoryLedger {
  exactReads = 0;
  error = 0;

  override read(key: string, { exact = false }: Reading = {}) {
    const record = super.read(key);
    if (exact) this.exactReads += 1;
    if (exact || record?.state !== 'open') return record;
    const off = (duration: number) => Math.max(0, duration + this.error);
    return {
      ...record,
      sessionAge: off(record.sessionAge),
      idleFor: off(record.idleFor),
      uncertainty: UNCERTAINTY,
    };
  }
}

async function start() {
  const clock = new ManualClock();
  const ledger = new UncertainLedger({ clock });
  const { signedIn } = await startApp({ clock, options: { ledger } });
  const browser = await signedIn();
  ledger.exactReads = 0;
  return { clock, ledger, browser };
}

test('asks nothing exactly while a session is certainly alive', async () => {
  const { clock, ledger, browser } = await start();
  for (let i = 0; i < 5; i += 1) {
    clock.advance(15 * MINUTE - UNCERTAINTY - 1);
    await browser.get('/me').expect(200, { user: 'alice' });
  }
  expect(ledger.exactReads).toBe(0);
});

test.each([-UNCERTAINTY, 0, UNCERTAINTY])(
  'ends a session exactly at its limit if reads are off by %d ms',
  async (error) => {
    const { clock, ledger, browser } = await start();
    ledger.error = error;
    clock.advance(15 * MINUTE - 1);
    await browser.get('/me').expect(200, { user: 'alice' });
    clock.advance(15 * MINUTE);
    await browser.get('/me').expect(401, /idle/);
    expect(ledger.exactReads).toBeGreaterThan(0);
  },
);

test('ends no session because the clock of the server was set', async () => {
  const { clock, ledger, browser } = await start();
  ledger.error = 60 * MINUTE;
  clock.advance(MINUTE);
  await browser.get('/me').expect(200, { user: 'alice' });
});
