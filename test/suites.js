/**
 * The suites that have a command of their own, and their specs. `npm test` runs all others.
 *
 * - `engines` needs three browsers.
 * - `examples` compiles, builds and installs packages, applications and the code in the documents, as users do.
 * - `proof` compares thousands of cases, tries all cases of a kind (such as unusual pages in the browser), plays random stories, the
 *   sessions of users on several instances and the whole life of drafts, and sends hours of traffic.
 */
export const suites = {
  engines: ['test/engines/*.spec.ts'],
  examples: [
    'test/examples/*.spec.ts',
    'test/package/{client,install,package,types}.spec.ts',
    'test/sample/*.spec.ts',
    'test/docs/{code-blocks,programs}.spec.ts',
    'test/ledger/postgres/libraries.spec.ts',
  ],
  proof: [
    'test/{transparency,fuzz,races,soak}/*.spec.ts',
    'test/enforcement/ownership/{sign-ins,sign-in-options,slow-planter,failures,histories}.spec.ts',
    'test/client/engine/engine.property.spec.ts',
    'test/ledger/layers/coalescing-histories.property.spec.ts',
    'test/sockets/leaks.spec.ts',
    'test/instances/{people,traffic,user-ids}.spec.ts',
    'test/people/failing-calls.spec.ts',
    'test/ledger/redis/cluster.spec.ts',
    'test/browser/{cost,guest,hostile-pages,languages,mistakes,other-documents,saved-forms}.spec.ts',
    'test/browser/{posted,prefetched,rewritten}-pages.spec.ts',
    'test/browser/drafts/*.spec.ts',
  ],
};
