import { listen } from '../listen.js';
import { hasWayBack, type Reason } from '../../policy/reason.js';
import type { Ending } from '../state/session-state.js';

/** Leaves the page for good. Returns `true` if the page stays, as it shows nothing of the session. */
export type Leave = (ending: Ending, loginUrl: string | undefined, wasLive: boolean | undefined) => boolean;

/**
 * Called before the page is left, with where it would go. The routers of single-page applications may lead there
 * themselves: if it returns `true`, the page stays, and is expected to show nothing of the session any more.
 */
export type OnLeave = (url: string, reason: Ending) => boolean | void;

/**
 * Returns what leaves the page: for the login page, or by a reload. The login page itself stays, unless it was live. A
 * page that was reloaded is not reloaded again before somebody has used it: it stays, covered if it was live.
 *
 * @param isUsed whether the user has done anything deliberate on this page
 * @param stop called before the page is left
 * @param onLeave called before that, and may keep the page
 */
export function departure(isUsed: () => boolean, stop: () => void, onLeave?: OnLeave): Leave {
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];

  return (ending, loginUrl, wasLive) => {
    const toLogin = ending !== 'other' && loginUrl !== undefined;
    const target = toLogin ? loginTarget(loginUrl, ending, location) : location;
    const isHere = target.pathname === location.pathname && target.origin === location.origin;
    if (isHere && toLogin && !wasLive) return true;
    // Another fragment, or none, loads nothing.
    const reloads = isHere && target.search === location.search;
    if (reloads && page?.type === 'reload' && !isUsed()) return !wasLive;
    if (onLeave?.(target.href, ending)) return true;
    stop();
    wipe();
    if (reloads) location.reload();
    else location.replace(target.href);
    return false;
  };
}

/** The login page, with the reason and the way back. */
export function loginTarget(loginUrl: string, reason: Reason, { href, pathname, search }: Location): URL {
  const url = new URL(loginUrl, href);
  url.searchParams.set('reason', reason);
  // The path of a page is normalised: only `//` would lead elsewhere. Some servers refuse long URLs.
  const hasReturn = hasWayBack(reason) && pathname !== url.pathname && /^\/(?!\/).{0,2047}$/.test(pathname + search);
  if (hasReturn) url.searchParams.set('returnTo', pathname + search);
  return url;
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
    // A document of XML cannot be opened.
    listen(window, 'beforeunload', (event) => event.stopImmediatePropagation());
    document.documentElement.replaceChildren();
  }
}
