import { asian } from './asian.js';
import { balticAndOthers } from './baltic-and-others.js';
import { celticAndSemitic } from './celtic-and-semitic.js';
import type { ClientTexts } from './client-texts.js';
import { germanic } from './germanic.js';
import { romance } from './romance.js';
import { slavic } from './slavic.js';

/** The texts of the browser client, by BCP 47 tag. English ones are in the client itself. */
export const texts: Readonly<Record<string, ClientTexts>> = {
  ...asian,
  ...balticAndOthers,
  ...celticAndSemitic,
  ...germanic,
  ...romance,
  ...slavic,
};

/** The texts in a language, or in the language without its region; `undefined` if there are none. */
export function textsFor(lang: string): ClientTexts | undefined {
  const name = Object.keys(texts).find((tag) => tag.toLowerCase() === lang.toLowerCase());
  if (name) return texts[name];
  const shorter = lang.replace(/-[^-]*$/, '');
  return shorter === lang ? undefined : textsFor(shorter);
}
