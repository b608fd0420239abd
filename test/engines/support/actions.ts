import type { Key } from './engine.js';

/** Input as both protocols of the W3C describe it, WebDriver and WebDriver BiDi. */
export type Actions = readonly Record<string, unknown>[];

const CODES: Record<string, string> = {
  Enter: '\uE006',
  Escape: '\uE00C',
  Tab: '\uE004',
  Shift: '\uE008',
  Space: ' ',
  Delete: '\uE017',
  Backspace: '\uE003',
};

const keys = (actions: Actions): Actions => [{ type: 'key', id: 'keyboard', actions }];

/** Presses a key, perhaps after others that are held: `Shift+Tab`. */
export function pressing(key: Key): Actions {
  return keys(valuesOf(key).map((value) => ({ type: 'keyDown', value })));
}

/** Lets go of what {@link pressing} pressed. */
export function releasing(key: Key): Actions {
  return keys(
    valuesOf(key)
      .toReversed()
      .map((value) => ({ type: 'keyUp', value })),
  );
}

const valuesOf = (key: Key): string[] => key.split('+').map((name) => CODES[name] ?? name);

export function typing(text: string): Actions {
  return keys(
    [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]),
  );
}

export function moving(x: number, y: number, ...then: Actions): Actions {
  const move = { type: 'pointerMove', x: Math.round(x), y: Math.round(y), duration: 0 };
  return [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions: [move, ...then] }];
}

export function clicking(x: number, y: number): Actions {
  return moving(x, y, { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 });
}
