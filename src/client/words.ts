/** The texts of the page cover. */
export const coverEnglish = {
  /** Shown while the server is asked. */
  checking: 'Checking whether you are still signed in…',
  unreachable: 'The server cannot be reached. Your page is kept as it is; trying again…',
  signingOut: 'Signing you out…',
  ended: 'Your session has ended.',
};

/** Texts of the client by name; `{time}` stands for a length of time. */
export type Strings = Readonly<Record<string, string>>;

/** How the client speaks. */
export interface LanguageOptions {
  /** BCP 47 tag. Default: the `lang` of the page. */
  readonly lang?: string | undefined;
  /**
   * Texts that differ from the English ones: one map for the language of the page, or one map per
   * language (`{ cy: { stay: '…' }, ar: { … } }`).
   */
  readonly strings?: Strings | Readonly<Record<string, Strings>> | undefined;
}

/** Texts in one language. */
export type Words<T> = Readonly<T> & { readonly lang: string; readonly dir: 'ltr' | 'rtl' };

/** The texts to use. Where the language of the page is not among them it is English, and says so. */
export function wordsOf<T extends Strings>({ lang, strings = {} }: LanguageOptions, english: T): Words<T> {
  const page = lang || document.documentElement.lang || 'en';
  const [flat] = Object.values(strings);
  const perLanguage = typeof flat === 'object' ? (strings as Record<string, Strings>) : undefined;
  const tag = perLanguage ? [page, page.split('-')[0] ?? page].find((tag) => tag in perLanguage) : page;
  const own = (perLanguage ? perLanguage[tag ?? ''] : (strings as Strings)) ?? {};
  const known = tag !== undefined && (flat !== undefined || /^en\b/i.test(page));
  return {
    ...english,
    ...own,
    lang: known ? page : 'en',
    dir: known && /^(ar|dv|fa|he|ku|ps|sd|ug|ur|yi)\b/i.test(page) ? 'rtl' : 'ltr',
  };
}
