import { ManualClock } from '../../../src/testing/index.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { MINUTE, SECOND, startApp, stopApps } from '../../support/app.js';

afterEach(stopApps);

class SharedLedger extends CountingLedger {
  override readonly shared = true;
  override readonly runId = undefined as never;
}

describe('how often activity is written to a shared ledger', () => {
  test.each([
    ['by default each half minute', undefined, 30 * SECOND],
    ['as often as touchInterval says', '10s', 10 * SECOND],
    ['as seldom as touchInterval says', '2m', 2 * MINUTE],
    ['a twentieth of the idle limit at the longest', '30m', 3 * MINUTE],
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
});
