/** Listens to shadow trees. */
export interface ShadowRoots {
  /** Listens to the shadow trees around a field, unless it does so already. */
  hear(field: Element): void;
  stop(): void;
}

/**
 * Listens to the shadow trees in which somebody types, because the events of forms do not leave them. Lets go of trees that
 * are no longer on the page. Otherwise, a page that stays for days would keep them all.
 *
 * @param listenTo listens to one shadow tree; returns a function that stops this
 */
export function shadowRoots(listenTo: (root: ShadowRoot) => () => void): ShadowRoots {
  const heard = new Map<ShadowRoot, () => void>();

  function drop(root: ShadowRoot, undo: () => void): void {
    undo();
    heard.delete(root);
  }

  return {
    hear(field) {
      for (let root = rootOf(field); root.host; root = rootOf(root.host)) {
        if (heard.has(root)) continue;
        heard.forEach((undo, other) => other.isConnected || drop(other, undo));
        heard.set(root, listenTo(root));
      }
    },
    stop: () => heard.forEach((undo, root) => drop(root, undo)),
  };
}

function rootOf(element: Element): ShadowRoot | (Document & { readonly host?: undefined }) {
  return element.getRootNode() as ShadowRoot | Document;
}
