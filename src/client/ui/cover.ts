import type { SessionTimeoutCore } from '../engine/core.js';
import { button, element, setText } from './elements.js';
import { listen, together } from '../listen.js';
import { overlay } from './overlay.js';
import { type LanguageOptions, stringsFor } from './strings.js';

const RULES = 'body,body *{visibility:hidden!important}.session-cover::backdrop{background:Canvas}';

/** The cover needs no style sheet, which the page could take away, and few styles of the page change it. */
const STYLE =
  'all:initial;position:fixed;inset:0;display:grid;place-content:center;background:Canvas;color:CanvasText;font:1.125rem/1.5 system-ui,sans-serif;text-align:center;visibility:visible;pointer-events:auto';

/**
 * Covers the page while it may not be shown. Nothing on it can be read, reached or heard, and nothing is
 * lost. Returns the undo.
 */
export function pageCover(client: SessionTimeoutCore, options: LanguageOptions = {}): () => void {
  const text = element('p', { role: 'status', id: 'session-cover-text' });
  // Any key or click on the cover asks again, so that this button has nothing to do.
  const retry = element('button');
  const signIn = button('sign-in', () => location.reload());
  const actions = element('div', { hidden: '' }, retry, ' ', signIn);
  const dialog = element('dialog', { class: 'session-cover', dir: 'auto', 'aria-labelledby': text.id }, text, actions);
  const { style } = document.documentElement;
  const { show, hide } = overlay(dialog, RULES);
  dialog.style.cssText = STYLE;
  let covered = false;

  function put(title?: string): void {
    style.setProperty('visibility', 'hidden', 'important');
    show(title);
  }

  function update(): void {
    const { concealed, unreachable, state, stay } = client.snapshot();
    if (!concealed) return takeOff();
    const strings = stringsFor(options);
    setText(text, !unreachable ? strings.checking : stay === 'failed' ? strings.failed : strings.unreachable);
    setText(retry, strings.retry);
    setText(signIn, strings.signIn);
    actions.hidden = !unreachable && state !== 'expired';
    dialog.lang = strings.lang;
    covered = true;
    // The page's title may be private, too.
    put(text.textContent);
  }

  function takeOff(): void {
    covered = false;
    style.removeProperty('visibility');
    hide();
  }

  // A page that comes back from the back/forward cache is painted before it can ask, so it goes there covered.
  function onHide(): void {
    if (!/active|warning/.test(client.snapshot().state)) return;
    covered = true;
    setText(text, '');
    put();
  }

  dialog.addEventListener('close', () => covered && put());
  return together([
    listen(window, 'pagehide', onHide),
    listen(window, 'pageshow', update),
    client.subscribe(update),
    takeOff,
  ]);
}
