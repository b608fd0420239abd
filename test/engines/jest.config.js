import base from '../../jest.config.js';

/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/engines/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
