/** A longer way back is left out: some servers refuse long addresses. */
const LONGEST = 2048;

/**
 * Whether `value` is a path of this site, however a browser reads it. `//elsewhere`, `/\elsewhere` and
 * `/<tab>/elsewhere` lead to other sites, and so does `/..//elsewhere` once somebody has shortened it.
 */
export function isSitePath(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\/(?![/\\])[^\\?#\p{Cc}]*([?#]\P{Cc}*)?$/u.test(value)) return false;
  return !new URL(value, 'http://here.invalid').pathname.startsWith('//');
}

/** Whether `value` is a path of this site that may be told to the login page as the way back. */
export function isSafeReturnTo(value: unknown): value is string {
  return isSitePath(value) && value.length <= LONGEST;
}

/**
 * Where to go back to after signing in. Anybody can make a link with a `returnTo`, so check it with this
 * before you follow it (OWASP ASVS 5.0, 3.7.2).
 *
 * @param value the `returnTo` that came with the request
 * @param fallback a path of your own; default `'/'`
 * @returns `value` if it is a path of this site of at most 2,048 characters, and `fallback` for everything else
 */
export function safeReturnTo(value: unknown, fallback = '/'): string {
  return isSafeReturnTo(value) ? value : fallback;
}
