import type { SessionTimeoutCore } from '../engine/core.js';
import { button, element, setText } from './elements.js';
import { listen, together } from '../listen.js';
import { reload } from './leave-page.js';
import { overlay } from './overlay.js';
import { type LanguageOptions, stringsFor } from './strings.js';

const RULES =
  'body,body *{visibility:hidden!important}.session-cover[dir] :not([hidden]){all:revert}.session-cover::backdrop{background:Canvas}';

/** Inline, because the page could remove a style sheet. `all: initial` undoes most styles of the page. */
const STYLE =
  'all:initial;position:fixed;inset:0;display:grid;place-content:center;text-align:center;background:Canvas;color:CanvasText;color-scheme:inherit;font:medium/1.5 system-ui';

/**
 * Covers the page while `concealed` is set. Nothing on the page can be read, focused or heard, and nothing is lost.
 * Returns a function that removes the cover for good.
 */
export function pageCover(client: SessionTimeoutCore, options: LanguageOptions = {}): () => void {
  const text = element('p', { id: 'session-cover', role: 'status' });
  // Any key or click on the cover asks the server again, so this button needs no handler.
  const retry = element('button');
  const signIn = button('sign-in', reload);
  const actions = element('div', { hidden: '' }, retry, ' ', signIn);
  const dialog = element('dialog', { class: 'session-cover', dir: 'auto', 'aria-labelledby': text.id }, text, actions);
  const { show, hide, stop } = overlay(dialog, RULES);
  dialog.style.cssText = STYLE;
  /** The visibility that the page has given to its root; `undefined` while it is not covered. */
  let own: string | undefined;

  function put(title?: string): void {
    // The page may replace its root.
    const { style } = document.documentElement;
    own ??= style.visibility;
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
    // The title of the page may be private, too.
    put(text.textContent);
  }

  function takeOff(): void {
    if (own === undefined) return;
    document.documentElement.style.visibility = own;
    own = undefined;
    hide();
  }

  // The browser paints a page from the back/forward cache before the client runs, so it is covered beforehand.
  function onHide(): void {
    if (client.snapshot().state === 'anonymous') return;
    setText(text, '');
    put();
  }

  dialog.addEventListener('close', () => own !== undefined && put());
  // The page may be known to be an old one before anything else is.
  update();
  return together([
    listen(window, 'pagehide', onHide),
    listen(window, 'pageshow', update),
    client.subscribe(update),
    stop,
    takeOff,
  ]);
}
