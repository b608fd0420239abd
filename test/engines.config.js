import base from '../jest.config.js';
import { suites } from './suites.js';

/** @type {import('jest').Config} */
export default { ...base, rootDir: '..', testMatch: suites.engines.map((specs) => `<rootDir>/${specs}`) };
