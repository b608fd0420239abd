import { asian } from './asian.js';
import { balticAndOthers } from './baltic-and-others.js';
import { celticAndSemitic } from './celtic-and-semitic.js';
import type { ClientTexts } from './client-texts.js';
import { type DraftTexts, draftTexts } from './draft-texts.js';
import { germanic } from './germanic.js';
import { romance } from './romance.js';
import { asian as asianSignIn } from './sign-in/asian.js';
import { eastern } from './sign-in/eastern.js';
import type { SignInTexts } from './sign-in/sign-in-texts.js';
import { western } from './sign-in/western.js';
import { slavic } from './slavic.js';

type AllTexts = ClientTexts & SignInTexts & DraftTexts;

const basic = { ...asian, ...balticAndOthers, ...celticAndSemitic, ...germanic, ...romance, ...slavic };
const signIn: Readonly<Record<keyof typeof basic, SignInTexts>> = { ...asianSignIn, ...eastern, ...western };

/** The texts of the browser client, by BCP 47 tag. The English texts are in the client itself. */
export const texts: Readonly<Record<string, AllTexts>> = Object.fromEntries(
  Object.entries(basic).map(([lang, own]) => [
    lang,
    { ...own, ...signIn[lang as keyof typeof basic], ...(draftTexts[lang] as DraftTexts) },
  ]),
);

/**
 * The texts in a language, or in the language without its region; `undefined` if there are none, or for anything that is
 * no language tag. Each part of a tag costs a search, and anybody may send one that fills a whole request.
 */
export function textsFor(lang: unknown): AllTexts | undefined {
  if (typeof lang !== 'string' || !/^[a-z\d-]{2,35}$/i.test(lang)) return undefined;
  const name = Object.keys(texts).find((tag) => tag.toLowerCase() === lang.toLowerCase());
  if (name) return texts[name];
  const shorter = lang.replace(/-[^-]*$/, '');
  return shorter === lang ? undefined : textsFor(shorter);
}
