/**
 * The suites that have a command of their own, and their specs. `npm test` runs all others.
 *
 * - `engines` needs three browsers.
 * - `examples` builds and installs packages and applications, as their users do.
 * - `proof` compares thousands of cases.
 */
export const suites = {
  engines: ['test/engines/*.spec.ts'],
  examples: [
    'test/examples/*.spec.ts',
    'test/package/{client,install,package,types}.spec.ts',
    'test/docs/programs.spec.ts',
    'test/ledger/postgres/libraries.spec.ts',
  ],
  proof: ['test/{transparency,fuzz,races,soak}/*.spec.ts'],
};
