/**
 * Returns whether a script has caused an `input` event or a click. Browsers mark many of them as trusted, also those that
 * they pass on, for example from a label to its field. Call it in a microtask of a listener: while a script is running,
 * no microtask runs, so the event is over by then. After what a user does, browsers run microtasks before they call the
 * next listener. Firefox does not do that for `input`, but composition and dictation never come from scripts.
 */
export function isScriptedInput({ eventPhase, inputType }: InputEvent): boolean {
  return !eventPhase && !/Comp|Dict/.test(inputType);
}
