import { hasWayBack, type Reason } from '../../policy/reason.js';
import { isSafeReturnTo } from '../../wire/return-path.js';

/** The login page, with the reason and the way back; `undefined` if this is the login page. */
export function loginTarget(loginUrl: string, reason: Reason, here: Location): string | undefined {
  const url = new URL(loginUrl, here.href);
  if (url.origin + url.pathname === here.origin + here.pathname) return undefined;
  const back = here.pathname + here.search;
  url.searchParams.set('reason', reason);
  if (hasWayBack(reason) && isSafeReturnTo(back)) url.searchParams.set('returnTo', back);
  return url.href;
}

/**
 * Empties the page. The document's listeners go with it, so that no `beforeunload` asks the user to stay
 * on a page that is no longer theirs.
 */
export function wipe(): void {
  try {
    document.open();
    document.close();
  } catch {
    document.documentElement.replaceChildren();
  }
}
