import type { SessionTimeoutCore } from './core.js';
import { adoptStyles, element, openOver, setText } from './elements.js';
import { pageTitle } from './page-title.js';
import { type LanguageOptions, wordsOf } from './words.js';

const RULES = `
body,body *{visibility:hidden!important}
.session-cover{margin:auto;border:0;outline:0;background:Canvas;color:CanvasText;font:1.125rem/1.5 system-ui,sans-serif;text-align:center}
.session-cover::backdrop{background:Canvas}`;

/** The texts of the cover. */
export const coverEnglish = {
  /** While the server is asked. */
  checking: 'Checking whether you are still signed in…',
  unreachable: 'The server cannot be reached. Trying again…',
};

/**
 * Hides the page while it may not be shown, and keeps it as it is: nothing to read, to reach or to
 * hear. Returns the undo.
 */
export function pageCover(client: SessionTimeoutCore, options: LanguageOptions = {}): () => void {
  const text = element('p', { role: 'status', id: 'session-cover-text' });
  const dialog = element('dialog', { class: 'session-cover', dir: 'auto', 'aria-labelledby': text.id }, text);
  const title = pageTitle();
  let undo: (() => void) | undefined;

  function show(): void {
    const { concealed, unreachable } = client.snapshot();
    if (!concealed) return takeOff();
    const words = wordsOf(options, coverEnglish);
    put(unreachable ? words.unreachable : words.checking);
    dialog.lang = words.lang;
    // The title can be private, too.
    title.show(text.textContent);
  }

  function put(words: string): void {
    setText(text, words);
    undo ??= adoptStyles(RULES);
    if (!dialog.open) openOver(dialog);
  }

  function takeOff(): void {
    undo?.();
    undo = undefined;
    dialog.close();
    dialog.remove();
    title.restore();
  }

  // A page that comes back from the back/forward cache is painted before it can ask.
  function onHide(): void {
    if (/active|warning/.test(client.snapshot().state)) put('');
  }

  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.addEventListener('close', () => undo && put(text.textContent));
  const listening = new AbortController();
  const always = { capture: true, signal: listening.signal };
  addEventListener('pagehide', onHide, always);
  addEventListener('pageshow', show, always);
  const unsubscribe = client.subscribe(show);
  return () => {
    listening.abort();
    unsubscribe();
    takeOff();
  };
}
