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

/**
 * Calls `again` when a page gets a new root. Then `document.open()` may have removed its listeners, for example when an
 * editor writes the document of its frame anew. A timer must not do this: where a page wraps each listener, as tools for
 * errors do, the browser would add another one each time. Returns a function that stops this.
 */
export function keepListening(page: Document, again = listenAgain): () => void {
  const observer = new MutationObserver(again);
  observer.observe(page, { childList: true });
  return () => observer.disconnect();
}

/** Combines several functions that stop something into one. */
export function together(undo: readonly ((() => void) | undefined | false)[]): () => void {
  return () => {
    for (const take of undo) if (take) take();
  };
}
