import type { Activity, LedgerLimits } from '../../../../src/ledger/activity-ledger.js';
import { CoalescingLedger } from '../../../../src/ledger/layers/coalescing-ledger.js';
import type { UserSessions } from '../../../../src/ledger/user-sessions.js';
import { DAY, HOUR, SECOND } from '../../../support/time.js';
import { clock, type SharedLedger } from './shared-ledger.js';

export const IDLE = 20 * SECOND;
export const WITHIN = IDLE / 20;
export const limits: LedgerLimits = { idleTimeout: IDLE, absoluteTimeout: HOUR };
export const longer: LedgerLimits = { idleTimeout: 10 * IDLE, absoluteTimeout: HOUR };

/** Activity of a session `idleFor` milliseconds ago, of a request with its own limits or without. */
export const active = (key: string, by?: LedgerLimits, idleFor = 0): Activity[] => [
  { key, idleFor, keepFor: DAY, within: by === longer ? 10 * WITHIN : WITHIN, limits: by },
];

export const usersOf = (ledger: CoalescingLedger) => ledger.users as UserSessions;

/** One of the instances that share a ledger. */
export const instanceOn = (shared: SharedLedger) => new CoalescingLedger(shared, { within: WITHIN, clock });
