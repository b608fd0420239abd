/** @jest-environment jsdom */
import { jest } from '@jest/globals';
import { notePopups, watchPopups } from '../../../src/client/inputs/popups.js';
import type { SessionTimeoutCore } from '../../../src/client/engine/core.js';

test('a window that the user has closed is not held, and not watched again and again', () => {
  jest.useFakeTimers();
  const client = { snapshot: () => ({ state: 'active' }), subscribe: () => () => undefined };
  const popup = () => {
    const view = { document: { defaultView: {} as object | null }, closed: false };
    const close = () => Object.assign(view, { closed: true }).document.defaultView = null; // prettier-ignore
    return { view: view as unknown as Window, close };
  };
  const [first, second] = [popup(), popup()];
  const popups = [first.view, second.view];
  const watched: Window[] = [];
  const stop = watchPopups(client as unknown as SessionTimeoutCore, popups, (view) => {
    watched.push(view);
    return () => undefined;
  });
  expect(watched).toEqual([first.view, second.view]);
  first.close();
  jest.advanceTimersByTime(5000);
  expect(popups).toEqual([second.view]);
  expect(watched).toHaveLength(2);
  stop();
  jest.useRealTimers();
});

test('a frame whose `open` cannot be replaced is left as it is', () => {
  const open = () => null;
  const view = Object.defineProperty({}, 'open', { value: open }) as Window;
  const stop = notePopups(view, []);
  expect(view.open).toBe(open);
  expect(stop).not.toThrow();
});
