/**
 * Whether a script has made an `input` event, which browsers trust all the same: then the script is running, and the
 * browser calls us from it. Composition and dictation come without one, whoever wraps our listener.
 */
export function isScriptedInput({ inputType }: Pick<InputEvent, 'inputType'>): boolean {
  // The first two calls are this function and the listener.
  return !/comp|dict/i.test(inputType) && new Error().stack?.match(/:\d+:\d/g)?.[2] !== undefined;
}
