import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.spec.ts'],
  // These have commands of their own: npm run test:engines and npm run test:examples.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/engines/',
    '<rootDir>/test/examples/',
    '<rootDir>/test/package/(client|install|types).spec.ts',
  ],
  // Many of them wait for a browser, a server or a clock: three share two cores.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
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
