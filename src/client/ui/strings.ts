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
export type Words<T> = Readonly<T> & { readonly lang: string };

/** The texts to use. Where the language of the page is not among them it is English, and says so. */
export function wordsOf<T extends Strings>({ lang, strings = {} }: LanguageOptions, english: T): Words<T> {
  const page = lang || document.documentElement.lang || 'en';
  const maps = strings as Readonly<Record<string, Strings>>;
  const flat = typeof Object.values(strings)[0] === 'string' ? strings : undefined;
  const own = flat ?? maps[page] ?? maps[page.replace(/-.*/, '')];
  return { ...english, ...own, lang: own || /^en\b/i.test(page) ? page : 'en' };
}
