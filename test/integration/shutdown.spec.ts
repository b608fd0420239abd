import { Injectable } from '@nestjs/common';
import type { Activity } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { MINUTE, SECOND, startApp, stopApps } from '../support/app.js';
import { SharedLedger } from '../support/shared-ledger.js';

afterEach(stopApps);

/** A ledger that several instances share, over a connection of the application's. */
class DisconnectableLedger extends SharedLedger {
  connected = true;

  override advance(activities: readonly Activity[]): void {
    if (!this.connected) throw new Error('The connection is closed.');
    super.advance(activities);
  }
}

describe.each(['beforeApplicationShutdown', 'onApplicationShutdown'] as const)(
  'an application that closes its connections in %s',
  (hook) => {
    test('loses no activity when it stops', async () => {
      const clock = new ManualClock();
      const ledger = new DisconnectableLedger({ clock });

      @Injectable()
      class Connection {
        [hook](): void {
          ledger.connected = false;
        }
      }

      const { app, events, signedIn } = await startApp({ clock, options: { ledger }, providers: [Connection] });
      const browser = await signedIn();
      const key = events[0]?.session ?? '';
      await browser.get('/me');
      clock.advance(10 * SECOND);
      // Within the touch interval: it waits.
      await browser.get('/me');
      expect(ledger.read(key)).toMatchObject({ idleFor: 10 * SECOND });

      await app.close();
      expect(ledger.read(key)).toMatchObject({ idleFor: 0 });
      clock.advance(MINUTE);
      expect(ledger.read(key)).toMatchObject({ idleFor: MINUTE });
    });
  },
);
