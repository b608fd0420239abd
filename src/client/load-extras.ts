import type { SessionTimeoutCore } from './engine/core.js';
import type { ExtrasOptions, startExtras } from './extras.js';
import { listen, together } from './listen.js';

/** What the parts in the other file are for. */
const NEED = 'input,textarea,select,[contenteditable],iframe,frame,object';

/**
 * Loads the parts for fields and frames from the server as soon as the page has any. Returns the undo.
 *
 * @param url where the routes of the package are
 */
export function loadExtras(client: SessionTimeoutCore, url: string, options: ExtrasOptions): () => void {
  const unlisten = together([
    listen(document, 'load', ({ target }) => (target as Element).matches(NEED) && load()),
    listen(window, 'focusin blur', load),
  ]);
  let undo: (() => void) | undefined;
  let runs = true;

  async function load(): Promise<void> {
    unlisten();
    const file = new URL(`${url}extras.js`, location.href).href;
    type Extras = { startExtras: typeof startExtras };
    const extras: Promise<Extras> = import(/* webpackIgnore: true */ /* @vite-ignore */ file);
    // Without them the rest works.
    const loaded = await extras.catch(() => undefined);
    if (runs) undo = loaded?.startExtras(client, options);
  }

  if (document.querySelector(NEED)) void load();
  return () => {
    runs = false;
    together([unlisten, undo])();
  };
}
