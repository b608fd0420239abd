import { availableParallelism } from 'node:os';
import { suites } from './test/suites.js';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/test/**/*.spec.ts',
    ...Object.values(suites)
      .flat()
      .map((specs) => `!**/${specs}`),
  ],
  // Many of them wait for a browser, a server or a clock: four share two cores.
  maxWorkers: availableParallelism() * 2,
  // Node keeps the ES modules of each spec, so a worker grows. A fresh one spends less time on collecting garbage.
  workerIdleMemoryLimit: '600MB',
  // A busy machine is no failure.
  testTimeout: 120_000,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
};
