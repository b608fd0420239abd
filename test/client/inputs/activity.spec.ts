/** @jest-environment jsdom */
import { isScriptedInput } from '../../../src/client/inputs/scripted-input.js';
import { type ActivityWatcher, activityWatcher } from '../../../src/client/inputs/activity.js';

/** A window whose user is played: scripts cannot make events that browsers trust. */
function page() {
  let time = 0;
  const listeners = new Map<string, (event: unknown) => void>();
  const options: AddEventListenerOptions[] = [];
  const view = {
    addEventListener(type: string, listener: (event: unknown) => void, how: AddEventListenerOptions) {
      listeners.set(type, listener);
      options.push(how);
    },
  };
  const watcher: ActivityWatcher = activityWatcher(() => time, isScriptedInput);
  const unwatch = watcher.watch(view as unknown as Window);
  return {
    watcher,
    unwatch,
    options,
    types: [...listeners.keys()],
    /** Whether an event counts. */
    counts(type: string, event: object = {}): boolean {
      time++;
      listeners.get(type)?.({ type, isTrusted: true, target: {}, composedPath: () => [], ...event });
      return watcher.last() === time;
    },
  };
}

test.each(['keydown', 'pointerdown', 'touchstart', 'touchmove', 'wheel', 'click'])('%s counts', (type) => {
  expect(page().counts(type)).toBe(true);
});

test.each(['scroll', 'focus', 'visibilitychange', 'mouseover', 'pointerover', 'resize'])(
  '%s is not listened to',
  (type) => {
    expect(page().types).not.toContain(type);
  },
);

test('an event made by a script does not count', () => {
  expect(page().counts('keydown', { isTrusted: false })).toBe(false);
});

test('input counts unless a script is running that made it', () => {
  const { counts } = page();
  expect(counts('input', { inputType: 'insertText' })).toBe(false);
  const { stackTraceLimit } = Error;
  // As if the browser had called.
  Error.stackTraceLimit = 2;
  expect(counts('input', { inputType: 'insertText' })).toBe(true);
  Error.stackTraceLimit = stackTraceLimit;
});

test.each(['insertCompositionText', 'insertFromDictation', 'insertDictationResult'])(
  'input counts if it is %s',
  (inputType) => {
    expect(page().counts('input', { inputType })).toBe(true);
  },
);

test('a move counts only if the pointer has moved, along either axis', () => {
  const { counts } = page();
  expect(counts('pointermove', { screenX: 1, screenY: 1 })).toBe(true);
  expect(counts('pointermove', { screenX: 1, screenY: 1 })).toBe(false);
  expect(counts('pointermove', { screenX: 2, screenY: 1 })).toBe(true);
  expect(counts('pointermove', { screenX: 2, screenY: 2 })).toBe(true);
});

test('a move of a locked pointer counts, though the pointer stays where it is', () => {
  const { counts } = page();
  const here = { screenX: 1, screenY: 1 };
  counts('pointermove', here);
  expect(counts('pointermove', { ...here, movementX: 3, movementY: 0 })).toBe(true);
  expect(counts('pointermove', { ...here, movementX: 0, movementY: -3 })).toBe(true);
  expect(counts('pointermove', { ...here, movementX: 0, movementY: 0 })).toBe(false);
});

test('a click that follows at once from that of a script does not count', () => {
  const { counts } = page();
  expect(counts('click', { isTrusted: false, timeStamp: 5000 })).toBe(false);
  expect(counts('click', { timeStamp: 5001 })).toBe(false);
  expect(counts('click', { timeStamp: 5101 })).toBe(true);
});

test('a stuck key does not count, nor does what it types and clicks, until another event comes', () => {
  const { counts } = page();
  expect(counts('keydown')).toBe(true);
  expect(counts('keydown', { repeat: true })).toBe(false);
  expect(counts('input')).toBe(false);
  expect(counts('click')).toBe(false);
  expect(counts('pointerdown')).toBe(true);
  expect(counts('click')).toBe(true);
});

test('a page is used by a key or a click, and not by moves of the pointer', () => {
  const { counts, watcher } = page();
  counts('pointermove', { screenX: 1, screenY: 1 });
  expect(watcher.isUsed()).toBe(false);
  counts('keydown');
  expect(watcher.isUsed()).toBe(true);
});

describe('while a warning shows', () => {
  function warned() {
    const given = page();
    let answers = 0;
    given.watcher.onDeliberate(() => answers++);
    return { ...given, answers: () => answers };
  }

  test.each(['keydown', 'pointerdown', 'touchstart', 'click'])('%s means "stay"', (type) => {
    const { counts, answers } = warned();
    expect(counts(type)).toBe(false);
    expect(answers()).toBe(1);
  });

  test.each(['pointermove', 'wheel', 'touchmove', 'keyup'])('%s means nothing', (type) => {
    const { counts, answers } = warned();
    counts(type, { screenX: 9, screenY: 9 });
    expect(answers()).toBe(0);
  });

  test.each(['Tab', 'Shift', 'Control', 'Alt', 'Meta', 'Unidentified'])(
    '%s only leads to a button and means nothing',
    (key) => {
      const { counts, answers } = warned();
      counts('keydown', { key });
      expect(answers()).toBe(0);
    },
  );

  test('a press on a marked button does not mean "stay"', () => {
    const { counts, answers } = warned();
    const button = document.createElement('button');
    button.setAttribute('data-session-action', '');
    counts('pointerdown', { composedPath: () => [button, document.body, window] });
    expect(answers()).toBe(0);
  });
});

test('listens before the page and without delaying it, until it is stopped', () => {
  const { options, unwatch } = page();
  expect(options.every(({ capture, passive }) => capture && passive)).toBe(true);
  unwatch();
  expect(options.every(({ signal }) => signal?.aborted)).toBe(true);
});

test('a move of the pointer costs next to nothing', () => {
  const { counts } = page();
  const events = 100_000;
  const start = process.hrtime.bigint();
  for (let event = 0; event < events; event++) counts('pointermove', { screenX: event, screenY: 1 });
  const each = Number(process.hrtime.bigint() - start) / events;
  console.info(`pointermove handler: ${each.toFixed(0)} ns`);
  expect(each).toBeLessThan(20_000);
});
