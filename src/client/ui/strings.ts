import { parse } from '../attempt.js';
import type { SignInStrings } from './sign-in-here/strings.js';

/** The texts about drafts: what was typed but not sent (option `drafts`). */
export interface DraftStrings {
  /** The notice that drafts have been filled in again. */
  readonly draftRestored?: string;
  /** The notice that some drafts were not filled in, because the fields have other content now. */
  readonly draftOdd?: string;
  /** The button that fills them in nevertheless. */
  readonly draftUse?: string;
  /** The button that deletes the drafts. */
  readonly draftDiscard?: string;
  /** The button that closes the notice. */
  readonly draftClose?: string;
}

/**
 * Texts that replace those of this package. A text that you leave out stays as it is. `{time}` stands for the time
 * left.
 */
export interface Strings extends SignInStrings, DraftStrings {
  /** The title of the warning. */
  readonly title?: string;
  /** The text of the warning before the idle limit. */
  readonly idle?: string;
  /** The same text on pages that keep what was typed: with drafts, or with `whenEnded: 'sign-in-here'`. */
  readonly idleKept?: string;
  /** The text of the warning before the absolute limit, which the user cannot move. */
  readonly absolute?: string;
  /** The visible countdown of the warning. `{time}` is like "1:30". */
  readonly left?: string;
  /**
   * The spoken countdown of the warning. `{time}` is like "1 minute, 30 seconds". Put the time first, because speech
   * takes time.
   */
  readonly spoken?: string;
  /** The button that extends the session. */
  readonly stay?: string;
  /** The text of this button until the server has answered. */
  readonly staying?: string;
  /** The alert after a failed attempt to stay or to sign out. The client tries again. */
  readonly failed?: string;
  /** The button that closes the warning before the absolute limit, so that the user can save their work. */
  readonly back?: string;
  /** The button that signs out. */
  readonly signOut?: string;
  /** The text on the cover while the client asks the server. */
  readonly checking?: string;
  /** The text on the cover while the server does not answer. */
  readonly unreachable?: string;
  /** The button of the cover that asks the server again. */
  readonly retry?: string;
  /** The button of the cover that loads the page again, which leads to the login page. */
  readonly signIn?: string;
}

/** The language and the texts of the client. */
export interface LanguageOptions {
  /** The language, as a BCP 47 tag. Default: the `lang` of the page. */
  readonly lang?: string | undefined;
  /**
   * Your own texts: one map for the language of the page, or one map per language (`{ cy: { stay: '…' }, ar: { … } }`).
   * Default: the texts of this package.
   */
  readonly strings?: Strings | Readonly<Record<string, Strings>> | undefined;
}

/** The texts that every page needs. */
type BasicStrings = Required<Omit<Strings, keyof (SignInStrings & DraftStrings)>>;

export const ENGLISH: BasicStrings = {
  title: 'Your session is about to end',
  idle: 'You have not been active and will be signed out. What you have not saved will be lost.',
  idleKept: 'You have not been active and will be signed out.',
  absolute: 'You have been signed in for as long as is allowed. Save your work now.',
  left: 'Time left: {time}',
  spoken: '{time} left before you are signed out.',
  stay: 'Stay signed in',
  staying: 'One moment…',
  failed: 'That did not work yet. Trying again…',
  back: 'Back to the page',
  signOut: 'Sign out now',
  checking: 'Checking whether you are still signed in…',
  unreachable: 'The server cannot be reached. Trying again…',
  retry: 'Try again',
  signIn: 'Sign in',
};

let shipped: Strings | undefined;
/** The language of these texts, which may be on their way. */
let shippedIn: string | undefined;

/**
 * Loads the texts of this package in the language of the page, unless they are loaded. Until then, the English ones are
 * shown. After a failure, the next call tries again.
 */
export async function loadStrings({ lang }: LanguageOptions, url: string): Promise<void> {
  const page = languageOf(lang);
  if (shippedIn === page) return;
  shipped = undefined;
  shippedIn = page;
  if (isEnglish(page)) return;
  const answer = await fetch(`${url}texts/${page}`).catch(() => undefined);
  const texts = (await answer?.json().catch(() => undefined)) as Strings;
  // The page may have changed its language in the meantime.
  if (shippedIn !== page) return;
  if (answer?.ok && texts) shipped = texts;
  else if (answer?.status !== 404) shippedIn = undefined;
}

/** Many pages write `de_DE` in place of `de-DE`. */
function languageOf(lang: string | undefined): string {
  return (lang || document.documentElement.lang || 'en').replace(/_/g, '-');
}

function isEnglish(lang: string): boolean {
  return /^en\b/i.test(lang);
}

/** Returns the texts in the language of the page, and that language. If there are none, returns the English texts. */
export function stringsFor({
  lang,
  strings,
}: LanguageOptions): BasicStrings & SignInStrings & DraftStrings & { readonly lang: string } {
  const page = languageOf(lang);
  // JSON leaves out what is `undefined`.
  const given = {
    ...parse<Readonly<Record<string, Strings>>>(JSON.stringify(strings, (_, text) => text ?? undefined)),
  };
  const isFlat = typeof Object.values(given)[0] === 'string';
  const own = isFlat ? (given as Strings) : (given[page] ?? given[page.replace(/-.*/, '')]);
  return { ...ENGLISH, ...shipped, ...own, lang: shipped || own || isEnglish(page) ? page : 'en' };
}
