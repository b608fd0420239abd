/**
 * Listens to events before the page does, so that it cannot stop them. Returns a function that stops this. It also
 * works for the window of a frame that has gone to another origin.
 *
 * @param types separated by spaces
 * @param capture `false` to listen after the page, so that the page may prevent the event
 */
export function listen<E extends Event>(
  target: EventTarget,
  types: string,
  handler: (event: E) => void,
  capture = true,
): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  for (const type of types.split(' ')) {
    target.addEventListener(type, handler as EventListener, { capture, passive: true, signal });
  }
  return () => listening.abort();
}

/** Combines several functions that stop something into one. */
export function together(undo: readonly ((() => void) | undefined)[]): () => void {
  return () => undo.forEach((take) => take?.());
}
