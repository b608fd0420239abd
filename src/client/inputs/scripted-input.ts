/** Milliseconds in which browsers pass on the click of a script, for example from a label to its field. */
const SOON = 100;

let clickedAt = -Infinity;

/**
 * Returns whether a script has caused an `input` event or a click. Browsers mark many of them as trusted. It has to be
 * called for all clicks, also for untrusted ones, because a trusted one may follow.
 *
 * For `input`, the script is on the call stack. Composition and dictation never come from scripts, even if a page wraps
 * our listener.
 */
export function isScriptedInput({ type, isTrusted, timeStamp, inputType }: InputEvent): boolean {
  if (type === 'click') {
    if (!isTrusted) clickedAt = timeStamp;
    return timeStamp - clickedAt < SOON;
  }
  // Pages may replace the text by a list. The first two entries of the stack are this function and the listener.
  return !/comp|dict/i.test(inputType) && `${new Error().stack}`.match(/:\d+:\d/g)?.[2] !== undefined;
}
