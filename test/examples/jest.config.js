import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/examples/*.spec.ts', '<rootDir>/test/package/(client|install|types).spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
