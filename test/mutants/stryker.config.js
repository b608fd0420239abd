import { rooms } from './rooms.js';

/**
 * Changes the code in small ways, and finds changes that no test notices: `npm run mutants`. For one room:
 * `ROOM=wire npm run mutants`. The options are those of Stryker.
 */
export default {
  mutate: rooms.map(({ code }) => code),
  testRunner: 'jest',
  jest: { configFile: 'test/mutants/jest.config.js', enableFindRelatedTests: false },
  testRunnerNodeArgs: [
    '--max-semi-space-size=64',
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
  ],
  // Node keeps the ES modules of every run.
  maxTestRunnerReuse: 15,
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  timeoutMS: 10_000,
  dryRunTimeoutMinutes: 15,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false },
  tempDirName: '.mutants',
  ignorePatterns: ['dist', 'sample/dist', 'examples', 'docs', 'packages'],
};
