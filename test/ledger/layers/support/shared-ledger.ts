import { jest } from '@jest/globals';
import type { Activity } from '../../../../src/ledger/activity-ledger.js';
import { MemoryLedger } from '../../../../src/ledger/memory/memory-ledger.js';

/** Timers and clock move together. */
export const clock = { now: () => performance.now() };
export const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

/** What instances share. It notes what is written, and fails or hangs when told to. */
export class SharedLedger extends MemoryLedger {
  override readonly shared = true as never;
  readonly calls: (readonly Activity[])[] = [];
  down = false;
  /** Every write waits for it. */
  answer: Promise<void> = Promise.resolve();
  /** Called when a write has come. */
  noted = () => {};

  constructor() {
    super({ clock });
  }

  override async advance(activities: readonly Activity[]) {
    this.calls.push(activities);
    this.noted();
    if (this.down) throw new Error('down');
    await this.answer;
    super.advance(activities);
  }
}
