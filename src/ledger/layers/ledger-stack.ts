import type { ActivityLedger } from '../activity-ledger.js';
import type { Clock } from '../../base/clock.js';
import { BoundedLedger } from './bounded-ledger.js';
import { type LedgerUnavailableError } from '../ledger-unavailable.error.js';
import { CoalescingLedger } from './coalescing-ledger.js';
import { type LedgerObserver, MeasuredLedger } from './measured-ledger.js';

/** The options of {@link layered}. Durations in milliseconds. */
export interface LedgerStackOptions {
  /** How long the ledger may take to answer. */
  readonly timeout: number;
  /** Called on each failure. */
  readonly onFailure: (error: LedgerUnavailableError) => void;
  /** Called on each asynchronous answer, for metrics. */
  readonly observe?: LedgerObserver | undefined;
  /** How often activity is written to a shared ledger. */
  readonly touchInterval: number;
  /** The application's clock, for a shared ledger without its own. */
  readonly clock: Clock;
}

/**
 * Puts the layers around a ledger. `BoundedLedger` is the innermost, so that background writes time out too. Only a
 * shared ledger gets `CoalescingLedger`.
 */
export function layered(ledger: ActivityLedger, options: LedgerStackOptions): ActivityLedger {
  const { timeout, onFailure, observe, touchInterval, clock } = options;
  const bounded = new BoundedLedger(ledger, { timeout, onFailure });
  const measured = observe ? new MeasuredLedger(bounded, observe) : bounded;
  return ledger.shared
    ? new CoalescingLedger(measured, { within: touchInterval, clock: ledger.clock ?? clock })
    : measured;
}
