import type { Reason } from '../../policy/reason.js';

const LONGEST_RETURN = 2048;

/** The login page with the reason and, unless the user wanted to go, the way back; `undefined` if this is it. */
export function loginTarget(loginUrl: string, reason: Reason, here: Location): string | undefined {
  const url = new URL(loginUrl, here.href);
  if (url.origin + url.pathname === here.origin + here.pathname) return undefined;
  const back = here.pathname + here.search;
  url.searchParams.set('reason', reason);
  // A path of two slashes would lead to another origin.
  if (reason !== 'signed-out' && back.length <= LONGEST_RETURN && back[1] !== '/')
    url.searchParams.set('returnTo', back);
  return url.href;
}

/**
 * Empties the page. With the document go its listeners, so that no `beforeunload` can ask the user
 * to stay on a page that is not theirs any more.
 */
export function wipe(): void {
  try {
    document.open();
    document.close();
  } catch {
    document.documentElement.replaceChildren();
  }
}
