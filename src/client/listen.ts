const all = new Set<() => void>();

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
  const add = (): void => {
    for (const type of types.split(' ')) {
      target.addEventListener(type, handler as EventListener, { capture, passive: true, signal: listening.signal });
    }
  };
  all.add(add);
  add();
  return () => {
    all.delete(add);
    listening.abort();
  };
}

/** Adds all listeners again that are missing, because `document.open()` removes those of a window and its document. */
export function listenAgain(): void {
  for (const add of all) add();
}

/** Combines several functions that stop something into one. */
export function together(undo: readonly ((() => void) | undefined)[]): () => void {
  return () => {
    for (const take of undo) take?.();
  };
}
