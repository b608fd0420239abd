import type { SessionTimeoutCore } from '../../engine/core.js';

/** How often to look for new shadow trees, in milliseconds. No event tells of them. */
const OFTEN = 500;

/**
 * Hides what is in shadow trees while the page is covered. The cover hides the elements around them, but their own styles could
 * show what is inside, and a popover would lie above the cover. Returns a function that stops this.
 */
export function coverShadowTrees(client: SessionTimeoutCore): () => void {
  const hidden = new Set<ShadowRoot>();
  const styles = new CSSStyleSheet();
  let timer: ReturnType<typeof setInterval> | undefined;

  styles.replaceSync('*{visibility:hidden!important}');
  // A new component is hidden before the browser can paint it.
  const observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach(hide);
  });

  function hide(node: Node): void {
    const root = (node as Partial<Element>).shadowRoot;
    if (root) hideTree(root);
    (node as Partial<ParentNode>)
      .querySelectorAll?.('*')
      .forEach(({ shadowRoot }) => shadowRoot && hideTree(shadowRoot));
  }

  function hideTree(root: ShadowRoot): void {
    if (!root.adoptedStyleSheets.includes(styles)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, styles];
    if (!hidden.has(root)) watch(root);
    hidden.add(root);
    hide(root);
  }

  function watch(root: Node): void {
    observer.observe(root, { subtree: true, childList: true });
  }

  function show(): void {
    clearInterval(timer);
    timer = undefined;
    observer.disconnect();
    for (const root of hidden) root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== styles);
    hidden.clear();
  }

  function update(): void {
    if (!client.snapshot().concealed) return show();
    if (timer) return;
    watch(document);
    hide(document);
    timer = setInterval(() => hide(document), OFTEN);
  }

  update();
  const undo = client.subscribe(update);
  return () => {
    undo();
    show();
  };
}
