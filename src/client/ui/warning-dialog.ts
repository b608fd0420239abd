import type { SessionTimeoutCore } from '../engine/core.js';
import { ACTION } from '../inputs/activity.js';
import { announcements } from './announcements.js';
import { inFigures, inWords } from './duration.js';
import { element, setText } from './elements.js';
import { overlay } from './overlay.js';
import { type LanguageOptions, stringsFor } from './strings.js';
import { RULES } from './styles.js';

/** Milliseconds. A screen reader reads the dialog first, and what is said before is lost. */
const SPEAK_AFTER = 1000;
/** Milliseconds. Somebody who is typing when the dialog opens does not mean to sign out. */
const SIGN_OUT_AFTER = 500;

/** Shows a dialog that warns the user before the session ends. Returns the undo. */
export function warningDialog(client: SessionTimeoutCore, options: LanguageOptions = {}): () => void {
  const strings = stringsFor(options);
  const heading = element('h2', { id: 'session-timeout-title' }, strings.title);
  const why = element('p', { id: 'session-timeout-why' });
  const shown = element('p', { 'aria-hidden': 'true' });
  const spoken = element('p', { role: 'status' });
  const failure = element('p', { role: 'alert' });
  const stay = element('button', { [ACTION]: 'stay' });
  const back = element('button', { [ACTION]: 'back' }, strings.back);
  const signOut = element('button', { [ACTION]: 'sign-out' }, strings.signOut);
  const actions = element('div');
  const dialog = element(
    'dialog',
    {
      class: 'session-timeout',
      lang: strings.lang,
      dir: 'auto',
      'aria-labelledby': heading.id,
      'aria-describedby': why.id,
    },
    heading,
    why,
    shown,
    spoken,
    failure,
    actions,
  );

  const over = overlay(dialog, RULES);
  let openedAt = 0;
  let nextAnnouncement = announcements();
  let putAway = false;
  let warning = false;

  stay.addEventListener('click', client.stayActive);
  back.addEventListener('click', putAside);
  signOut.addEventListener('click', () => {
    if (performance.now() - openedAt >= SIGN_OUT_AFTER) client.signOut();
  });
  // Browsers close a dialog when Escape is pressed again and again, so `close` is handled, too.
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    answerEscape();
  });
  dialog.addEventListener('close', () => {
    // The event comes late: if the dialog is open again, it was closed here, and not by the user.
    if (!warning || putAway || dialog.open) return;
    answerEscape();
    if (!putAway) over.show();
  });

  function answerEscape(): void {
    if (client.snapshot().extendable) client.stayActive();
    else putAside();
  }

  /** Lets the user save: the session cannot be extended. */
  function putAside(): void {
    putAway = true;
    dialog.close();
  }

  function show(): void {
    const { state, expiresIn, extendable, stay: staying, concealed } = client.snapshot();
    if (state !== 'warning' || expiresIn === null || concealed) return close();
    const left = expiresIn / 1000;
    const first = extendable ? stay : back;
    setText(why, extendable ? strings.idle : strings.absolute);
    setText(stay, staying === 'pending' ? strings.staying : strings.stay);
    if (actions.firstChild !== first) {
      actions.replaceChildren(first, signOut);
      first.autofocus = true;
      first.focus();
    }
    if (!warning) begin();
    setText(failure, staying === 'failed' ? strings.failed : '');
    const time = inFigures(left);
    setText(shown, strings.left.replace('{time}', time));
    over.show(`(${time}) ${strings.title}`, putAway);
    const told = performance.now() - openedAt >= SPEAK_AFTER ? nextAnnouncement(left) : undefined;
    if (told !== undefined) setText(spoken, strings.spoken.replace('{time}', inWords(told, strings.lang)));
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

  const unsubscribe = client.subscribe(show);
  show();
  return () => {
    unsubscribe();
    close();
  };
}
