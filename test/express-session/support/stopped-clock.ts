import { jest } from '@jest/globals';

/** Stops the clock in the tests of a file: express-session measures the lifetime of a cookie anew, a moment later. */
export function stopTheClock(): void {
  beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(Date.now()));
  afterEach(() => void jest.restoreAllMocks());
}
