import { ACTION } from '../../inputs/activity.js';
import type { Ending } from '../../state/session-state.js';
import { button, element, setText } from '../elements.js';
import { type LanguageOptions, stringsFor } from '../strings.js';
import { styles as rules } from '../styles.js';
import { SIGN_IN_ENGLISH } from './strings.js';

const OWN_RULES = `
&{margin:auto;text-align:start}
& a{display:inline-flex;align-items:center;min-height:44px;padding:0 1.25em}
& [hidden]{display:none}`;

/** Milliseconds in which the buttons do nothing: users who are typing when the dialog opens may press one by mistake. */
const PRESS_AFTER = 500;

/** What the dialog shows. */
export type Progress = 'offer' | 'waiting' | 'blocked' | 'unreachable' | 'restoring';

/** The dialog that says that the session has ended, and offers to sign in. */
export interface SignInDialog {
  say(progress: Progress): void;
  /** Shows the title of the dialog as that of the page. */
  entitle(): void;
  /** Gives the cover its own title back. */
  untitle(): void;
  /** Gives the cover its own content back. */
  close(): void;
}

/** What the dialog offers, and what happens when the user decides. */
export interface Offer {
  /** Why the session has ended. */
  readonly ending: Ending;
  /** The URL of the login page. */
  target(): string;
  /** Opens the login page in a window. Returns `false` if the browser does not allow that. */
  open(): boolean;
  /** Called when the user follows a link to the login page instead. */
  follow(): void;
  /** Leaves the page. */
  leave(): void;
}

/**
 * Puts the dialog into the cover of the page, which keeps everything else hidden.
 *
 * @param offer `undefined` in a frame whose top page shows the dialog
 */
export function signInDialog(cover: HTMLDialogElement, options: LanguageOptions, offer?: Offer): SignInDialog {
  const heading = element('h2', { id: 'session-sign-in-title' });
  const text = element('p', { id: 'session-sign-in-text' });
  const progress = element('p', { 'aria-live': 'polite' });
  const signIn = button('sign-in', () => inTime(() => say(offer!.open() ? 'waiting' : 'blocked')));
  const leave = button('leave', () => inTime(offer!.leave));
  const link = element('a', { target: '_blank', rel: 'noopener', [ACTION]: 'sign-in', hidden: '' });
  const box = element('div', { class: 'session-timeout' }, heading);
  const content = [...cover.childNodes];
  const name = cover.getAttribute('aria-labelledby')!;
  const styles = new CSSStyleSheet();
  const openedAt = performance.now();
  let title: string | undefined;

  function inTime(press: () => void): void {
    if (performance.now() - openedAt >= PRESS_AFTER) press();
  }

  function texts() {
    return { ...SIGN_IN_ENGLISH, ...stringsFor(options) };
  }

  function say(next: Progress): void {
    const { ended, kept, waiting, blocked, unreachable, staying: restoring, lang, ...strings } = texts();
    setText(heading, ended);
    const why = { idle: strings.endedIdle, absolute: strings.endedAbsolute }[offer?.ending as 'idle'];
    setText(text, why ? `${why} ${kept}` : kept);
    setText(signIn, strings.signIn);
    setText(link, strings.signIn);
    setText(leave, strings.leave);
    setText(progress, { offer: '', waiting, blocked, unreachable, restoring }[next]);
    if (cover.lang !== lang) cover.lang = lang;
    if (next !== 'blocked' || signIn.hidden) return;
    link.href = offer!.target();
    link.hidden = false;
    signIn.hidden = true;
    link.focus();
  }

  function untitle(): void {
    if (title !== undefined) document.title = title;
    title = undefined;
  }

  /** Opens the cover again, so that screen readers announce the dialog once, with the focus in it. */
  function announce(): void {
    signIn.autofocus = true;
    // The overlay, which hides clicks from the page, calls this property.
    Object.assign(link, { onclick: offer!.follow });
    box.append(text, progress, element('div', {}, signIn, link, leave));
    cover.setAttribute('role', 'alertdialog');
    cover.setAttribute('aria-describedby', text.id);
    cover.close();
    cover.showModal();
  }

  styles.replaceSync(rules(OWN_RULES));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, styles];
  // A tall dialog on a small screen scrolls, from its top.
  Object.assign(cover.style, { overflow: 'auto', placeContent: 'safe center' });
  cover.addEventListener('cancel', stayOpen);
  cover.setAttribute('aria-labelledby', heading.id);
  cover.replaceChildren(box);
  say('offer');
  if (offer) announce();

  return {
    say,
    entitle() {
      title ??= document.title;
      document.title = texts().ended;
    },
    untitle,
    close() {
      untitle();
      cover.removeEventListener('cancel', stayOpen);
      cover.removeAttribute('role');
      cover.removeAttribute('aria-describedby');
      cover.setAttribute('aria-labelledby', name);
      cover.replaceChildren(...content);
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== styles);
    },
  };
}

function stayOpen(event: Event): void {
  event.preventDefault();
}
