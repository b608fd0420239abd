/**
 * Returns whether a script has caused an `input` event. Browsers mark such events as trusted, too, but then the script
 * is on the call stack. Composition and dictation never come from scripts, even if a page wraps our listener.
 */
export function isScriptedInput({ inputType }: Pick<InputEvent, 'inputType'>): boolean {
  // The first two entries of the stack are this function and the listener.
  return !/comp|dict/i.test(inputType) && new Error().stack?.match(/:\d+:\d/g)?.[2] !== undefined;
}
