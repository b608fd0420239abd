import { randomUUID } from 'node:crypto';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import type { MaybePromise } from '../ledger/maybe-promise.js';
import { checkTools } from './check-tools.js';
import { ledgerChecks } from './ledger-checks.js';

/** The ledger that is checked, and how time passes for it. */
export interface LedgerSubject {
  readonly ledger: ActivityLedger;
  /**
   * Lets so many milliseconds pass on the ledger's clock. Default: waits. A ledger on a manual clock
   * moves that instead.
   */
  readonly pass?: (milliseconds: number) => MaybePromise<unknown>;
}

/** One thing every ledger does. */
export interface LedgerCheck {
  readonly name: string;
  /** @throws AssertionError if the ledger does not do it */
  readonly check: (subject: LedgerSubject) => Promise<void>;
}

/**
 * What every {@link ActivityLedger} has to do, as named checks that run under any test runner. Each
 * takes keys of its own, so that all of them can run against one server.
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
