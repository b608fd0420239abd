/**
 * Listens to events before the page does, so that it cannot stop them. Returns the undo.
 *
 * @param types separated by spaces
 */
export function listen<E extends Event>(target: EventTarget, types: string, handler: (event: E) => void): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  for (const type of types.split(' ')) {
    target.addEventListener(type, handler as EventListener, { capture: true, passive: true, signal });
  }
  return () => listening.abort();
}

/** Combines several undo functions into one. */
export function together(undo: readonly ((() => void) | undefined)[]): () => void {
  return () => undo.forEach((take) => take?.());
}
