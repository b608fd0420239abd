import base from '../jest.config.js';
import { suites } from './suites.js';

/** @type {import('jest').Config} */
export default { ...base, rootDir: '..', testMatch: suites.proof.map((specs) => `<rootDir>/${specs}`) };
