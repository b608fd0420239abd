/**
 * Returns whether a script may have caused an `input` event, or the `click` on a field. Browsers mark as trusted what a
 * script puts into a field, but then the script is on the call stack. Composition and dictation never come from scripts,
 * even if a page wraps our listener. Browsers also trust the click on a field whose label is clicked by a script. A user
 * who clicks a label causes other events, too.
 */
export function isScriptedInput({
  type,
  target,
  inputType,
}: Pick<InputEvent, 'type' | 'target' | 'inputType'>): unknown {
  if (type === 'click') return (target as Partial<HTMLInputElement>).labels?.length;
  // The first two entries of the stack are this function and the listener.
  return !/comp|dict/i.test(inputType) && new Error().stack?.match(/:\d+:\d/g)?.[2];
}
