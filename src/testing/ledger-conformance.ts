import { randomUUID } from 'node:crypto';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import type { MaybePromise } from '../ledger/maybe-promise.js';
import { checkTools } from './check-tools.js';
import { ledgerChecks } from './ledger-checks.js';

/** The ledger to check, and how time passes for it. */
export interface LedgerSubject {
  readonly ledger: ActivityLedger;
  /**
   * Lets this many milliseconds pass on the ledger's clock. Default: waits. If the ledger has a `ManualClock`,
   * advance that instead.
   */
  readonly pass?: (milliseconds: number) => MaybePromise<unknown>;
}

/** One requirement of every ledger. */
export interface LedgerCheck {
  readonly name: string;
  /** @throws AssertionError if the ledger does not meet it */
  readonly check: (subject: LedgerSubject) => Promise<void>;
}

/**
 * Checks what every {@link ActivityLedger} has to do, under any test runner. Each check uses its own keys, so that
 * all of them can run against one server.
 *
 * @example
 * for (const { name, check } of ledgerConformance) test(name, () => check({ ledger }));
 */
export const ledgerConformance: readonly LedgerCheck[] = Object.entries(ledgerChecks).map(([name, check]) => ({
  name,
  check: ({ ledger, pass = wait }) => check(checkTools(ledger, randomUUID(), pass)),
}));

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds + 1));
}
