import type { SignInStrings } from './sign-in-here/strings.js';

/** The texts about what was typed and not sent (option `drafts`). */
export interface DraftStrings {
  /** The notice: what was typed before the page was left has been filled in again. */
  readonly draftRestored?: string;
  /** The notice: some of what was typed was not filled in, because the fields have other content by now. */
  readonly draftOdd?: string;
  /** The button that fills it in nevertheless. */
  readonly draftUse?: string;
  /** The button that throws away what was typed. */
  readonly draftDiscard?: string;
  /** The button that closes the notice. */
  readonly draftClose?: string;
}

/**
 * Texts that replace the English ones. A text that is left out stays English. `{time}` stands for the time left.
 */
export interface Strings extends SignInStrings, DraftStrings {
  /** The title of the warning. */
  readonly title?: string;
  /** The warning before the idle limit: why the session ends, and what is lost. */
  readonly idle?: string;
  /** The warning before the absolute limit, which the user cannot extend. */
  readonly absolute?: string;
  /** The countdown of the warning, to be seen: `{time}` is like "1:30". */
  readonly left?: string;
  /**
   * The countdown of the warning, to be heard: `{time}` is like "1 minute, 30 seconds". Let the time come
   * first, as speech lags behind.
   */
  readonly spoken?: string;
  /** The button that keeps the session. */
  readonly stay?: string;
  /** The same button while the server has not answered yet. */
  readonly staying?: string;
  /** The alert when a request to stay or to sign out has failed. The client tries again. */
  readonly failed?: string;
  /** The button that closes the warning before the absolute limit, so that the user can save. */
  readonly back?: string;
  /** The button that signs out. */
  readonly signOut?: string;
  /** The cover, while the client asks the server whether the session is still alive. */
  readonly checking?: string;
  /** The cover, while the server does not answer. */
  readonly unreachable?: string;
  /** The button of the cover that asks the server again. */
  readonly retry?: string;
  /** The button of the cover that loads the page again, which leads to the login page. */
  readonly signIn?: string;
}

/** The language and the texts of what the client shows. */
export interface LanguageOptions {
  /** BCP 47 tag. Default: the `lang` of the page. */
  readonly lang?: string | undefined;
  /**
   * Texts that differ from the English ones: one map for the language of the page, or one map per
   * language (`{ cy: { stay: '…' }, ar: { … } }`).
   */
  readonly strings?: Strings | Readonly<Record<string, Strings>> | undefined;
}

/** The texts that every page needs. */
type BasicStrings = Required<Omit<Strings, keyof (SignInStrings & DraftStrings)>>;

export const ENGLISH: BasicStrings = {
  title: 'Your session is about to end',
  idle: 'You have not been active and will be signed out. What you have not saved will be lost.',
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

/** Loads the texts of this package in the language of the page. Until they are loaded, the English ones are shown. */
export async function loadStrings({ lang }: LanguageOptions, url: string): Promise<void> {
  const page = lang || document.documentElement.lang;
  if (!page || isEnglish(page)) return;
  const answer = await fetch(new URL(`${url}texts/${page}`, location.href));
  if (answer.ok) shipped = (await answer.json()) as Strings;
}

function isEnglish(lang: string): boolean {
  return /^en\b/i.test(lang);
}

/** Returns the texts in the language of the page, and that language. If there are none, returns the English texts. */
export function stringsFor({
  lang,
  strings = {},
}: LanguageOptions): BasicStrings & SignInStrings & DraftStrings & { readonly lang: string } {
  const page = lang || document.documentElement.lang || 'en';
  const isFlat = typeof Object.values(strings)[0] === 'string';
  const maps = strings as Readonly<Record<string, Strings>>;
  const own = isFlat ? (strings as Strings) : (maps[page] ?? maps[page.replace(/-.*/, '')]);
  return { ...ENGLISH, ...shipped, ...own, lang: shipped || own || isEnglish(page) ? page : 'en' };
}
