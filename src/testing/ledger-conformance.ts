import { randomUUID } from 'node:crypto';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import type { MaybePromise } from '../base/maybe-promise.js';
import { type CheckTools, checkTools } from './check-tools.js';
import { dueChecks } from './due-checks.js';
import { ledgerChecks } from './ledger-checks.js';
import { placeChecks } from './place-checks.js';
import { userChecks } from './user-checks.js';
import { type UserTools, userTools } from './user-tools.js';

/** The ledger to check, and how time passes for it. */
export interface LedgerSubject {
  readonly ledger: ActivityLedger;
  /**
   * Lets this many milliseconds pass on the ledger's clock. Default: wait. If the ledger has a `ManualClock`, advance
   * it here.
   */
  readonly pass?: (milliseconds: number) => MaybePromise<unknown>;
}

/** One requirement of every ledger, or of every ledger with a certain part. */
export interface LedgerCheck {
  readonly name: string;
  /** The optional part of the ledger that it checks. */
  readonly needs?: 'users';
  /**
   * @returns `'skipped'` if the ledger does not have the part that it {@link needs}
   * @throws AssertionError if the ledger does not meet it
   */
  readonly check: (subject: LedgerSubject) => Promise<'passed' | 'skipped'>;
}

/**
 * The checks that every {@link ActivityLedger} has to pass, for any test runner. Each check uses its own keys, so all
 * of them can run against one server. Checks of `users` are skipped if the ledger has no `users`. Their names begin
 * with "users: ".
 *
 * @example
 * for (const { name, needs, check } of ledgerConformance) {
 *   const run = needs && !ledger[needs] ? test.skip : test;
 *   run(name, async () => void (await check({ ledger })));
 * }
 */
export const ledgerConformance: readonly LedgerCheck[] = [
  ...Object.entries(ledgerChecks).map(([name, run]) => checkOf(name, run)),
  ...Object.entries({ ...userChecks, ...placeChecks, ...dueChecks }).map(([name, run]) => checkOfUsers(name, run)),
];

function checkOf(name: string, run: (tools: CheckTools) => Promise<void>): LedgerCheck {
  return {
    name,
    async check({ ledger, pass = wait }) {
      await run(checkTools(ledger, randomUUID(), pass));
      return 'passed';
    },
  };
}

function checkOfUsers(name: string, run: (tools: UserTools) => Promise<void>): LedgerCheck {
  const { check } = checkOf(name, (tools) => run(userTools(tools)));
  return {
    name: `users: ${name}`,
    needs: 'users',
    check: async (subject) => (subject.ledger.users ? check(subject) : 'skipped'),
  };
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds + 1));
}
