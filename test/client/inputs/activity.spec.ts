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

  /** Browsers run microtasks before the next listener. By then, an event that a script has caused is over. */
  function fire(type: string, event: object = {}): void {
    time++;
    listeners.get(type)?.({ type, isTrusted: true, eventPhase: 1, target: {}, composedPath: () => [], ...event });
  }

  return {
    watcher,
    unwatch,
    options,
    types: [...listeners.keys()],
    fire,
    /** Whether an event counts. */
    async counts(type: string, event: object = {}): Promise<boolean> {
      fire(type, event);
      await undefined;
      return watcher.last() === time;
    },
  };
}

test.each(['keydown', 'pointerdown', 'touchstart', 'touchmove', 'wheel', 'click', 'input'])(
  '%s counts',
  async (type) => {
    expect(await page().counts(type)).toBe(true);
  },
);

test.each(['scroll', 'focus', 'visibilitychange', 'mouseover', 'pointerover', 'resize'])(
  '%s is not listened to',
  (type) => {
    expect(page().types).not.toContain(type);
  },
);

test('an event made by a script does not count', async () => {
  expect(await page().counts('keydown', { isTrusted: false })).toBe(false);
});

test.each(['click', 'input'])('%s does not count if a script has caused it, though browsers trust it', async (type) => {
  expect(await page().counts(type, { eventPhase: 0 })).toBe(false);
});

test.each(['insertCompositionText', 'insertFromDictation', 'insertDictationResult'])(
  'input counts if it is %s, also in Firefox',
  async (inputType) => {
    expect(await page().counts('input', { inputType, eventPhase: 0 })).toBe(true);
  },
);

test('a move counts only if the pointer has moved, along either axis', async () => {
  const { counts } = page();
  // A page has appeared under the pointer.
  expect(await counts('pointermove', { screenX: 1, screenY: 1 })).toBe(false);
  expect(await counts('pointermove', { screenX: 1, screenY: 1 })).toBe(false);
  expect(await counts('pointermove', { screenX: 2, screenY: 1 })).toBe(true);
  expect(await counts('pointermove', { screenX: 2, screenY: 2 })).toBe(true);
});

test('a move of a locked pointer counts, though the pointer stays where it is', async () => {
  const { counts, fire } = page();
  const here = { screenX: 1, screenY: 1 };
  fire('pointermove', here);
  expect(await counts('pointermove', { ...here, movementX: 3, movementY: 0 })).toBe(true);
  expect(await counts('pointermove', { ...here, movementX: 0, movementY: -3 })).toBe(true);
  expect(await counts('pointermove', { ...here, movementX: 0, movementY: 0 })).toBe(false);
});

test('a stuck key does not count, nor does what it types and clicks, until another event comes', async () => {
  const { counts } = page();
  expect(await counts('keydown')).toBe(true);
  expect(await counts('keydown', { repeat: true })).toBe(false);
  expect(await counts('input')).toBe(false);
  expect(await counts('click')).toBe(false);
  expect(await counts('pointerdown')).toBe(true);
  expect(await counts('click')).toBe(true);
});

test('a page is used by a key or a click, and not by moves of the pointer', () => {
  const { fire, watcher } = page();
  fire('pointermove', { screenX: 1, screenY: 1 });
  expect(watcher.isUsed()).toBe(false);
  fire('keydown');
  expect(watcher.isUsed()).toBe(true);
});

describe('while a warning shows', () => {
  function warned() {
    const given = page();
    let answers = 0;
    given.watcher.onDeliberate(() => answers++);
    return { ...given, answers: () => answers };
  }

  test.each(['keydown', 'pointerdown', 'touchstart', 'click'])('%s means "stay"', async (type) => {
    const { counts, answers } = warned();
    expect(await counts(type)).toBe(false);
    expect(answers()).toBe(1);
  });

  test.each(['pointermove', 'wheel', 'touchmove', 'keyup'])('%s means nothing', (type) => {
    const { fire, answers } = warned();
    fire(type, { screenX: 9, screenY: 9 });
    expect(answers()).toBe(0);
  });

  test.each(['Tab', 'Shift', 'Control', 'Alt', 'Meta', 'Unidentified'])(
    '%s only leads to a button and means nothing',
    (key) => {
      const { fire, answers } = warned();
      fire('keydown', { key });
      expect(answers()).toBe(0);
    },
  );

  test('a press on a marked button does not mean "stay"', () => {
    const { fire, answers } = warned();
    const button = document.createElement('button');
    button.setAttribute('data-session-action', '');
    fire('pointerdown', { composedPath: () => [button, document.body, window] });
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
  const { fire } = page();
  const events = 100_000;
  const start = process.hrtime.bigint();
  for (let event = 0; event < events; event++) fire('pointermove', { screenX: event, screenY: 1 });
  const each = Number(process.hrtime.bigint() - start) / events;
  console.info(`pointermove handler: ${each.toFixed(0)} ns`);
  expect(each).toBeLessThan(20_000);
});
