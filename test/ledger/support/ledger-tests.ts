import { ledgerConformance, type LedgerSubject } from '../../../src/testing/index.js';

/** How many checks run at the same time. More of them would keep each other waiting. */
const LANES = 8;

/** What one check gets, and what is done after it. */
export interface TestedLedger extends LedgerSubject {
  close?(): unknown;
}

/**
 * Shows each requirement of every ledger as a test. Most checks wait for time to pass, so they run side by side.
 *
 * @param create creates the ledger of one check. It shares nothing with the others, for example by a prefix of its own:
 *   a ledger finds all sessions in it that are due
 */
export function ledgerTests(create: (index: number) => TestedLedger | Promise<TestedLedger>): void {
  const outcomes: Promise<string>[] = [];

  beforeAll(() => {
    const lanes = Array.from({ length: LANES }, () => Promise.resolve<unknown>(undefined));
    for (const [index, { check }] of ledgerConformance.entries()) {
      const lane = index % LANES;
      const outcome = lanes[lane]!.then(async () => {
        const subject = await create(index);
        try {
          return await check(subject);
        } finally {
          await subject.close?.();
        }
      });
      outcomes.push(outcome);
      lanes[lane] = outcome.catch(() => undefined);
    }
  });

  test.each([...ledgerConformance.entries()].map(([index, { name }]) => ({ index, name })))(
    '$name',
    async ({ index }) => expect(await outcomes[index]).toBe('passed'),
  );
}
