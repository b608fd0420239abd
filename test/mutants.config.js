import { rooms } from './mutants.rooms.js';

/**
 * Changes the code in small ways, and finds changes that no test notices: `npm run mutants`. For one room:
 * `ROOM=wire npm run mutants`. The options are those of Stryker.
 */
export default {
  mutate: rooms.map(({ code }) => code),
  testRunner: 'jest',
  jest: { configFile: 'test/mutants.jest.config.js', enableFindRelatedTests: false },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  timeoutMS: 30_000,
  dryRunTimeoutMinutes: 15,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false },
  tempDirName: '.mutants',
  ignorePatterns: ['dist', 'sample/dist', 'examples', 'docs', 'packages'],
};
