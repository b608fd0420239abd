import { fileURLToPath } from 'node:url';
import base from '../../jest.config.js';
import { rooms } from './rooms.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: fileURLToPath(new URL('../..', import.meta.url)),
  testEnvironment: fileURLToPath(new URL('first-failure-environment.js', import.meta.url)),
  runner: fileURLToPath(new URL('nearest-specs-runner.js', import.meta.url)),
  testMatch: [...new Set(rooms.flatMap(({ specs }) => specs))].map((specs) => `<rootDir>/${specs}`),
  // Thousands of runs for each change take too long.
  testPathIgnorePatterns: ['/node_modules/', String.raw`\.property\.spec\.ts$`],
};
