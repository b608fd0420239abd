import { fileURLToPath } from 'node:url';
import base from '../jest.config.js';

/**
 * The specs nearest to the rooms that are changed: each change runs all specs that reach it. Servers and browsers take too long.
 *
 * @type {import('jest').Config}
 */
export default {
  ...base,
  rootDir: fileURLToPath(new URL('..', import.meta.url)),
  testMatch: [
    '<rootDir>/test/{policy,wire,express-session}/**/*.spec.ts',
    '<rootDir>/test/client/engine/*.spec.ts',
    '<rootDir>/test/ledger/{layers,memory,server}/**/*.spec.ts',
    '<rootDir>/test/enforcement/lifecycle/*.spec.ts',
    '<rootDir>/test/ping/*.spec.ts',
  ],
};
