import { serialize, type SerializeOptions } from 'cookie';
import { randomUUID } from 'node:crypto';
import { attempt, type MaybePromise } from '../../base/maybe-promise.js';
import { StoreTimeoutError } from './session-store.js';
import type { TakenStore } from './taken-store.js';

interface CookieInRow {
  readonly originalMaxAge?: unknown;
  readonly maxAge?: unknown;
  readonly expires?: unknown;
  readonly path?: unknown;
  readonly domain?: unknown;
  readonly sameSite?: unknown;
  readonly priority?: unknown;
}

/** The latest possible date, in milliseconds. */
const LONGEST = 8e15;
/** A smaller number is not a time in milliseconds since 1970 at which a session could expire. */
const EARLIEST = 1e11;

/**
 * Whether express-session can work with a row. With other rows, it would throw, perhaps while it ends the response, so
 * that the request hangs.
 */
export function isSound(row: unknown): boolean {
  const cookie = (row as { cookie?: unknown } | null)?.cookie;
  if (typeof cookie !== 'object' || cookie === null) return false;
  const { originalMaxAge, maxAge, expires } = cookie as CookieInRow;
  return isDuration(originalMaxAge) && isDuration(maxAge) && isTime(expires);
}

function isDuration(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) < LONGEST;
  return !value;
}

function isTime(value: unknown): boolean {
  if (!value) return true;
  if (typeof value === 'number') return value > EARLIEST && value < LONGEST;
  const time = typeof value === 'string' ? new Date(value) : value;
  return time instanceof Date && !Number.isNaN(time.getTime());
}

/**
 * Removes invalid attributes from the cookie of a sound row. Otherwise, each answer that sends the cookie would fail.
 * With `rolling`, these are all answers. Some stores give the expiry as a number.
 */
export function mended<T extends { readonly cookie: object }>(row: T): T {
  const { path, domain, sameSite, priority, expires } = row.cookie as CookieInRow;
  if (typeof expires === 'number') Object.assign(row.cookie, { expires: expires ? new Date(expires) : null });
  // Most cookies have nothing else.
  if (path === '/' && !domain && !priority && (!sameSite || sameSite === 'lax' || sameSite === 'strict')) return row;
  try {
    serialize('name', '', { path, domain, sameSite, priority } as SerializeOptions);
  } catch {
    Object.assign(row.cookie, { path: '/', domain: undefined, sameSite: undefined, priority: undefined });
  }
  return row;
}

/** Whether a session cannot become JSON for this very reason. Then this is a mistake of the application, not of the store. */
export function isMistakeIn(session: object, error: unknown): boolean {
  try {
    JSON.stringify(session);
    return false;
  } catch (thrown) {
    return (error as { message?: unknown }).message === (thrown as Error).message;
  }
}

/** The fault of a row that is not sound. */
export const UNSOUND = 'malformed row';

/** Returns only the name of an error, because its message may quote stored data. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/**
 * The codes of errors about data: data that cannot be decompressed (zlib, zstd, and Brotli with `ERR__ERROR_`) or
 * decrypted, and values that Node refuses.
 */
const ABOUT_DATA = /^(Z_|ZSTD_error_|ERR_(OUT_OF_RANGE$|_ERROR_|(OSSL|CRYPTO|BUFFER|ENCODING|INVALID)_))/;

/** The messages of errors about a connection or a server. Many of them have no code, such as those of connection pools. */
const ABOUT_SERVER =
  /\b(timed? ?out|(dis)?connect(ion|ed|ing)?(?!\.sid)|closed|terminated|unavailable|overloaded|too many (clients|connections))\b/i;

/** The words with which Redis begins an error about itself. */
const OF_REDIS =
  /^(ASK|BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|MOVED|NOAUTH|NOPERM|NOREPLICAS|OOM|READONLY|TRYAGAIN|WRONGPASS)\b/;

/** How often the row is compared with others. A store may fail by chance, now for one row, and now for another. */
const COMPARISONS = 3;

/**
 * Whether the row caused a failure of `get`, and not the store. This is so if the store still works for unknown
 * sessions, and still fails for this one. Some file stores delete a broken file, and then fail because it is absent. One
 * part of a store may be unreachable. So an error with any other code or cause, or with a message about a connection or a
 * server, counts as a failure of the store.
 */
export async function isRowAtFault(store: TakenStore, sessionId: string, error: unknown): Promise<boolean> {
  if (!mayBeAboutRow(error)) return false;
  const failure = (id: string): Promise<unknown> =>
    store.read(id).then(
      () => undefined,
      (thrown: unknown) => thrown ?? true,
    );
  const works = async () => {
    const thrown = await failure(randomUUID());
    return thrown === undefined || isAbsence(thrown);
  };
  if (!(await works())) return false;
  for (let i = 0; i < COMPARISONS; i += 1) {
    const thrown = await failure(sessionId);
    if (thrown === undefined || isAboutServer(thrown) || !(await works())) return false;
  }
  return true;
}

function mayBeAboutRow(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return true;
  if (isAboutData(error)) return true;
  const { cause } = error as { cause?: unknown };
  return !('code' in error) && !isAboutServer(error) && (cause === undefined || isAboutData(cause));
}

function isAboutServer(error: unknown): boolean {
  const { message } = error as { message?: unknown };
  const isOfParser = error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError;
  if (isOfParser || typeof message !== 'string') return false;
  // What follows may be quoted data.
  const [text = ''] = message.split(/["'`{[]/, 1);
  return ABOUT_SERVER.test(text) || OF_REDIS.test(text);
}

function isAboutData(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'string' && ABOUT_DATA.test(code);
}

/** Whether an error says that there is no such session. express-session takes it like this, too. */
export function isAbsence(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}

/** Whether a row could not be deleted because it is gone. Some stores fail if another request has deleted it before. */
export async function isGone(store: TakenStore, sessionId: string, error: unknown): Promise<boolean> {
  // Such a store would only keep the request waiting twice.
  if (error instanceof StoreTimeoutError) return false;
  return store.read(sessionId).then((row) => !row, isAbsence);
}

/** The result of {@link examineRow}. */
export interface Examined {
  readonly row?: unknown;
  readonly fault?: string;
  readonly isAway?: boolean;
}

/** Reads a row that express-session could not use, to find out why. */
export async function examineRow(store: TakenStore, sessionId: string): Promise<Examined> {
  try {
    const row = await store.read(sessionId);
    return row && !isSound(row) ? { row, fault: UNSOUND } : { row };
  } catch (error) {
    const isAtFault = await isRowAtFault(store, sessionId, error);
    return isAtFault ? { fault: nameOf(error) } : { isAway: true };
  }
}

/**
 * Whether a session has ended while its row was written. Then the row may have been deleted before, and has to be
 * deleted again. If the ledger fails, the row stays, because the ledger is asked again before the session is used.
 */
export function hasEndedMeanwhile(store: TakenStore, sessionId: string): MaybePromise<boolean> {
  return attempt(
    () => store.isEnded(sessionId),
    (hasEnded) => hasEnded,
    () => false,
  );
}
