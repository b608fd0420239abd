import type { SessionTimeoutCore } from '../engine/core.js';
import { listen, together } from '../listen.js';
import { announcements } from './announcements.js';
import { inFigures, inWords } from './duration.js';
import { button, element, setText } from './elements.js';
import { overlay } from './overlay.js';
import type { SignInOptions } from './sign-in-here/options.js';
import { type LanguageOptions, stringsFor } from './strings.js';
import { styles } from './styles.js';

/** Milliseconds before the first announcement. Screen readers read the dialog first, and would skip it. */
const SPEAK_AFTER = 1000;
/**
 * Milliseconds in which the dialog does not sign out, and no key closes it: users who are typing when it opens may press a
 * button by mistake, and have not read it.
 */
const PRESS_AFTER = 500;

/** What the warning needs to know of the page. */
export interface WarningOptions extends LanguageOptions {
  readonly whenEnded?: SignInOptions['whenEnded'];
  /** Whether the page keeps drafts if the server does. Default: `true`. */
  readonly drafts?: boolean | undefined;
}

/** Shows a dialog that warns the user before the session ends. Returns a function that removes it for good. */
export function warningDialog(client: SessionTimeoutCore, options: WarningOptions = {}): () => void {
  const heading = element('h2', { id: 'session-timeout-title' });
  const why = element('p', { id: 'session-timeout-why' });
  const shown = element('p', { 'aria-hidden': 'true' });
  const spoken = element('p', { role: 'status' });
  const failure = element('p', { role: 'alert' });
  const stay = button('stay', answer);
  const signOut = button('sign-out', () => isOpenFor(PRESS_AFTER) && client.signOut());
  const dialog = element(
    'dialog',
    { class: 'session-timeout', dir: 'auto', 'aria-labelledby': heading.id, 'aria-describedby': why.id },
    heading,
    why,
    shown,
    spoken,
    failure,
    element('div', {}, stay, signOut),
  );

  const over = overlay(dialog, styles());
  let openedAt: number;
  let nextAnnouncement: ReturnType<typeof announcements>;
  let putAway: boolean;
  let warning = false;

  stay.autofocus = true;
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    if (!over.isHeld()) answer(event);
  });
  // A script has closed it, or somebody who pressed Escape repeatedly: the key itself was an answer. This event comes late.
  dialog.addEventListener('close', () => warning && over.show('', putAway));

  /** Extends the session. If that is impossible, closes the dialog, so that the user can save. */
  function answer(event: Event): void {
    if (client.snapshot().extendable) client.stayActive();
    // Only a click with the pointer has a detail. It is never part of typing.
    else if ((event as UIEvent).detail || isOpenFor(PRESS_AFTER)) {
      putAway = true;
      dialog.close();
    }
  }

  function isOpenFor(milliseconds: number): boolean {
    return performance.now() - openedAt >= milliseconds;
  }

  function show(): void {
    const { state, expiresIn, extendable, stay: staying, concealed, drafts } = client.snapshot();
    if (state !== 'warning' || concealed) return close();
    const strings = stringsFor(options);
    const left = expiresIn! / 1000;
    dialog.lang = strings.lang;
    setText(heading, strings.title);
    const isKept = options.whenEnded === 'sign-in-here' || (drafts && isSecureContext && options.drafts !== false);
    setText(why, extendable ? (isKept ? strings.idleKept : strings.idle) : strings.absolute);
    setText(stay, !extendable ? strings.back : staying === 'pending' ? strings.staying : strings.stay);
    setText(signOut, strings.signOut);
    if (!warning) begin();
    setText(failure, staying === 'failed' ? strings.failed : '');
    const time = inFigures(left);
    setText(shown, strings.left.replace('{time}', time));
    over.show(`(${time}) ${strings.title}`, putAway);
    const told = isOpenFor(SPEAK_AFTER) && nextAnnouncement(left);
    if (told) setText(spoken, strings.spoken.replace('{time}', inWords(told, strings.lang)));
  }

  function begin(): void {
    warning = true;
    putAway = false;
    nextAnnouncement = announcements();
    setText(spoken, '');
    openedAt = performance.now();
  }

  function close(): void {
    if (warning) over.hide();
    warning = false;
  }

  show();
  // The countdown must not be printed.
  return together([client.subscribe(show), listen(window, 'beforeprint', over.restoreTitle), over.stop, close]);
}
