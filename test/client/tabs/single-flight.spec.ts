/** @jest-environment jsdom */
import { singleFlight } from '../../../src/client/tabs/single-flight.js';

// jsdom has no locks: this is a browser on plain http, with storage only.
beforeEach(() => localStorage.clear());

describe('single flight without locks', () => {
  test('lets one tab work at a time, and then the next', async () => {
    let finish!: () => void;
    const working = singleFlight('asking', () => new Promise<void>((resolve) => (finish = resolve)));
    expect(await singleFlight('asking', () => Promise.reject(new Error('not now')))).toBe(false);
    finish();
    expect(await working).toBe(true);
    expect(await singleFlight('asking', () => Promise.resolve())).toBe(true);
  });

  test.each([
    ['has crashed', () => Date.now() - 1],
    ['had its clock set back', () => Date.now() + 3_600_000],
  ])('does not wait for a tab that %s', async (_name, until) => {
    localStorage.setItem('asking', String(until()));
    expect(await singleFlight('asking', () => Promise.resolve())).toBe(true);
  });

  test('lets every tab work if there is no storage either', async () => {
    const get = Storage.prototype.getItem;
    Storage.prototype.getItem = () => {
      throw new Error('SecurityError');
    };
    try {
      expect(await singleFlight('asking', () => Promise.resolve())).toBe(true);
    } finally {
      Storage.prototype.getItem = get;
    }
  });
});
