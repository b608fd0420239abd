/** A longer return path is left out: some servers refuse long URLs. */
const LONGEST = 2048;

/**
 * Whether `value` is a path of this site for every browser. `//elsewhere`, `/\elsewhere` and `/<tab>/elsewhere` lead
 * to other sites, and so does `/..//elsewhere` once it is normalised.
 */
export function isSitePath(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\/(?![/\\])[^\\?#\p{Cc}]*([?#]\P{Cc}*)?$/u.test(value)) return false;
  return !new URL(value, 'http://here.invalid').pathname.startsWith('//');
}

/** Whether `value` is a path of this site that may be used as `returnTo`. */
export function isSafeReturnTo(value: unknown): value is string {
  return isSitePath(value) && value.length <= LONGEST;
}

/**
 * Returns where to go after signing in. Anybody can write a link with a `returnTo`, so check it with this function
 * before you redirect to it (OWASP ASVS 5.0, 3.7.2).
 *
 * @param value the `returnTo` of the request
 * @param fallback a path of your own; default `'/'`
 * @returns `value` if it is a path of this site of at most 2,048 characters, and `fallback` for everything else
 */
export function safeReturnTo(value: unknown, fallback = '/'): string {
  return isSafeReturnTo(value) ? value : fallback;
}
