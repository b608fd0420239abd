import { isRecord } from './declarations.js';
import { type Duration, milliseconds, readDuration, UNITS } from './duration.js';
import type { Settings } from './settings.js';

/** A shorter secret could be guessed: 32 characters of hexadecimal text hold 128 bits. */
const SHORTEST = 32;
const DEFAULT_MAX_AGE = '24h';

/** The option `drafts`. */
export interface DraftOptions {
  /**
   * The secret from which the keys of all users are derived. It has at least 32 characters and is the same on all
   * instances. In a list, the first secret encrypts, and the others only open older drafts.
   */
  readonly secret: string | readonly string[];
  /** How long a draft is kept after its last change. Default `'24h'`. */
  readonly maxAge?: Duration | undefined;
}

/** Returns what is wrong with the option `drafts`, without its secrets; `undefined` if nothing is wrong. */
export function draftsProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return "must be an object like { secret: process.env.DRAFT_SECRET, maxAge: '24h' }";
  const { secret, maxAge, ...others } = value;
  const secrets: readonly unknown[] = Array.isArray(secret) ? secret : [secret];
  const [unknown] = Object.keys(others);
  if (secrets.length === 0) return 'needs at least one secret';
  if (!secrets.every((one) => typeof one === 'string')) return 'needs a secret, which is text or a list of texts';
  if (secrets.some((one) => one.length < SHORTEST))
    return `needs secrets of at least ${SHORTEST} random characters, for example from: openssl rand -hex 32`;
  if (maxAge !== undefined && readDuration(maxAge) === undefined)
    return `needs a maxAge that is a duration above 0: milliseconds, or text like "24h" (${UNITS})`;
  return unknown === undefined ? undefined : 'must have no other fields than secret and maxAge';
}

/** The option `drafts` as the rest of the package reads it. */
export function draftSettings(drafts: DraftOptions | undefined): Settings['drafts'] {
  if (!drafts) return undefined;
  const { secret, maxAge = DEFAULT_MAX_AGE } = drafts;
  return { secrets: typeof secret === 'string' ? [secret] : secret, maxAge: milliseconds(maxAge) };
}
