import type { SessionTimeoutCore } from './engine/core.js';
import type { ExtrasOptions, startExtras } from './extras.js';
import { attempt } from './attempt.js';
import { hasDrafts } from './drafts/stored.js';
import { isFilledByOpener } from './inputs/popups.js';
import { listen, listenAgain, together } from './listen.js';
import { stringsFor } from './ui/strings.js';

/** Elements that need the parts in the other file. */
const NEED = 'input,textarea,select,[contenteditable],iframe,frame,object,embed';

/** Loads a part of the client that most pages do not need. */
export function loadPart<Part>(url: string, file: string): Promise<Part> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ url + file) as Promise<Part>;
}

/**
 * Loads the parts for fields, frames and windows from the server as soon as the page has any. Returns a function that
 * stops this.
 *
 * @param url the URL of the package's routes
 */
export function loadExtras(client: SessionTimeoutCore, url: string, options: ExtrasOptions): () => void {
  const { open } = window;
  const popups: Window[] = [];
  let undo: (() => void) | undefined;
  let loads = false;
  let runs = true;
  let file = 'extras.js';

  /** Opens a window, and remembers it if the page fills it itself. Such a window has no client of its own. */
  const openAndNote = (...given: Parameters<typeof open>): Window | null => {
    const view = open(...given);
    if (view && isFilledByOpener(given[0])) {
      popups.push(view);
      void load();
    }
    return view;
  };

  async function load(): Promise<void> {
    if (loads) return;
    loads = true;
    type Extras = { startExtras: typeof startExtras };
    // The rest of the client works without them. They are loaded again when the focus changes. Browsers do not load a
    // module again that they could not load, unless its URL is another one.
    const loaded = await loadPart<Extras>(url, file).catch(() => {
      loads = false;
      file += '?';
    });
    if (runs) undo = loaded?.startExtras(client, options, popups, stringsFor, listenAgain);
  }

  /** Parsers and scripts may add such elements later. */
  const look = (): void => {
    if (document.querySelector(NEED)) void load();
  };

  attempt(() => (window.open = openAndNote));
  if (hasDrafts()) void load();
  look();
  return together([
    listen(document, 'load', look),
    listen(window, 'focusin blur', load),
    () => {
      runs = false;
      undo?.();
      if (window.open === openAndNote) window.open = open;
    },
  ]);
}
