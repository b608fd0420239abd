/** @jest-environment jsdom */
import { jest } from '@jest/globals';
import { listenAgain } from '../../src/client/listen.js';
import { startInPage } from '../../src/client/page.js';
import { advice } from '../../src/client/inputs/advice.js';

const nothing = (): void => undefined;

beforeAll(() => {
  class Observer {
    readonly observe = nothing;
    readonly disconnect = nothing;
  }
  Object.assign(globalThis, { PerformanceObserver: Observer, fetch: () => new Promise(nothing) });
  performance.getEntriesByType = () => [];
});

test('a client that was stopped leaves no listeners behind', () => {
  for (let starts = 0; starts < 3; starts++) startInPage({}, advice).stop();
  const add = jest.spyOn(EventTarget.prototype, 'addEventListener');
  listenAgain();
  expect(add).not.toHaveBeenCalled();
});

test('a client that its dialog stops at once is over, and another one can start', () => {
  const dialog = (client: { stop(): void }) => {
    client.stop();
    return nothing;
  };
  const stopped = startInPage({ dialog }, advice);
  const next = startInPage({}, advice);
  expect(next).not.toBe(stopped);
  expect(startInPage({}, advice)).toBe(next);
  next.stop();
});
