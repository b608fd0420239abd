/**
 * Changes the code in small ways, and finds changes that no test notices: `npm run mutants`. For one room:
 * `npm run mutants -- --mutate "src/wire/**"`. The options are those of Stryker.
 */
export default {
  mutate: [
    'src/{policy,wire,ledger,express-session}/**/*.ts',
    'src/enforcement/lifecycle/**/*.ts',
    'src/client/state/**/*.ts',
  ],
  testRunner: 'jest',
  jest: { configFile: 'test/mutants.jest.config.js', enableFindRelatedTests: false },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  timeoutMS: 2000,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false },
  tempDirName: '.mutants',
  ignorePatterns: ['dist', 'sample/dist', 'examples', 'docs', 'packages'],
};
