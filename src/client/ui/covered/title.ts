import type { SessionTimeoutCore } from '../../engine/core.js';
import { COVER } from '../dialogs.js';

/** How often the title is replaced in a second. A page may put its own back each time. */
const MOST = 20;

/**
 * Hides what a page writes into its title while it is covered, such as a title that flashes. The page gets its newest title
 * back when it is shown again. Returns a function that stops this.
 */
export function coverTitle(client: SessionTimeoutCore): () => void {
  const ours = new Set<string>();
  /** The newest title of the page; `undefined` if it has not changed while it was covered. */
  let own: string | undefined;
  let since = -Infinity;
  let times = 0;

  // It runs before the browser does anything else, so nobody sees the title of the page.
  const observer = new MutationObserver(hide);

  function hide(): void {
    const name = nameOfCover();
    if (name) ours.add(name);
    if (!name || ours.has(document.title)) return;
    own = document.title;
    const now = performance.now();
    if (now - since > 1000) {
      since = now;
      times = 0;
    }
    if (times++ < MOST) document.title = name;
  }

  function update(): void {
    if (client.snapshot().concealed) {
      observer.observe(document, { subtree: true, childList: true, characterData: true });
      return hide();
    }
    observer.disconnect();
    if (own !== undefined) document.title = own;
    own = undefined;
  }

  update();
  const undo = client.subscribe(update);
  return () => {
    undo();
    observer.disconnect();
  };
}

/** What the dialog that covers the page is called. This is its title, too. */
function nameOfCover(): string | undefined {
  const id = document.querySelector(`${COVER}[open]`)?.getAttribute('aria-labelledby');
  return document.getElementById(`${id}`)?.textContent.replace(/\s+/g, ' ').trim();
}
