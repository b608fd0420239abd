import { jest } from '@jest/globals';
import type { Activity, LedgerLimits } from '../../../../src/ledger/activity-ledger.js';
import { CoalescingLedger } from '../../../../src/ledger/layers/coalescing-ledger.js';
import { MemoryLedger } from '../../../../src/ledger/memory/memory-ledger.js';
import type { UserSessions } from '../../../../src/ledger/user-sessions.js';
import { DAY, HOUR, SECOND } from '../../../support/time.js';

/** Timers and clock move together. */
export const clock = { now: () => performance.now() };
export const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

export const IDLE = 20 * SECOND;
export const WITHIN = IDLE / 20;
export const limits: LedgerLimits = { idleTimeout: IDLE, absoluteTimeout: HOUR };
export const longer: LedgerLimits = { idleTimeout: 10 * IDLE, absoluteTimeout: HOUR };

/** Activity of a session `idleFor` milliseconds ago, of a request with its own limits or without. */
export const active = (key: string, by?: LedgerLimits, idleFor = 0): Activity[] => [
  { key, idleFor, keepFor: DAY, within: by === longer ? 10 * WITHIN : WITHIN, limits: by },
];

export const usersOf = (ledger: CoalescingLedger) => ledger.users as UserSessions;

/** What instances share. It notes what is written, and fails when told to. */
export class SharedLedger extends MemoryLedger {
  override readonly shared = true as never;
  readonly calls: (readonly Activity[])[] = [];
  down = false;

  constructor() {
    super({ clock });
  }

  override async advance(activities: readonly Activity[]) {
    this.calls.push(activities);
    if (this.down) throw new Error('down');
    await Promise.resolve();
    super.advance(activities);
  }
}

/** One of the instances that share a ledger. */
export const instanceOn = (shared: SharedLedger) => new CoalescingLedger(shared, { within: WITHIN, clock });
