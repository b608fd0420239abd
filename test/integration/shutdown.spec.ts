import { Injectable } from '@nestjs/common';
import type { Activity } from '../../src/index.js';
import { MemoryLedger } from '../../src/ledger/memory/memory-ledger.js';
import { ManualClock } from '../../src/testing/index.js';
import { MINUTE, SECOND, startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

/** A ledger that several instances share, over a connection of the application's. */
class SharedLedger extends MemoryLedger {
  override readonly shared = true as never;
  connected = true;

  override advance(activities: readonly Activity[]): void {
    if (!this.connected) throw new Error('The connection is closed.');
    super.advance(activities);
  }
}

describe.each(['beforeApplicationShutdown', 'onApplicationShutdown'] as const)(
  'an application that closes its connections in %s',
  (hook) => {
    test('loses no activity when it is stopped', async () => {
      const clock = new ManualClock();
      const ledger = new SharedLedger({ clock });

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
