import { ManualClock } from '../../../src/testing/index.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { MINUTE, SECOND, startApp, stopApps } from '../../support/app.js';

afterEach(stopApps);

class SharedLedger extends CountingLedger {
  override readonly shared = true;
  override readonly runId = undefined as never;
}

describe('activity is written to a shared ledger', () => {
  test.each([
    ['every 30 seconds by default', undefined, 30 * SECOND],
    ['every 10 seconds with touchInterval: 10s', '10s', 10 * SECOND],
    ['every 2 minutes with touchInterval: 2m', '2m', 2 * MINUTE],
    ['at least every twentieth of the idle limit', '30m', 3 * MINUTE],
  ])('%s', async (_when, touchInterval, interval) => {
    const clock = new ManualClock();
    const ledger = new SharedLedger(clock);
    const { signedIn } = await startApp({ clock, options: { ledger, idleTimeout: '1h', touchInterval } });
    const browser = await signedIn();
    clock.advance(interval - SECOND);
    await browser.get('/me').expect(200);
    expect(ledger.calls.advance).toBe(0);
    clock.advance(SECOND);
    await browser.get('/me').expect(200);
    expect(ledger.calls.advance).toBe(1);
  });

  test('at once if limits may differ by request', async () => {
    const clock = new ManualClock();
    const ledger = new SharedLedger(clock);
    const { signedIn } = await startApp({ clock, options: { ledger, limitsFor: () => ({ idleTimeout: '1h' }) } });
    const browser = await signedIn();
    for (let i = 1; i <= 3; i += 1) {
      clock.advance(SECOND);
      await browser.get('/me').expect(200);
      expect(ledger.calls.advance).toBe(i);
    }
  });
});
