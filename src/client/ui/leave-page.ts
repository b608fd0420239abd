import { attempt } from '../attempt.js';
import { pagePath } from '../inputs/page-path.js';
import { listen } from '../listen.js';
import { endedByItself, hasWayBack, type Reason } from '../../policy/reason.js';
import type { Ending } from '../state/session-state.js';

/**
 * Leaves the page. Returns `true` if the page stays, because it shows nothing of the session, and `undefined` if it is
 * not left before its user has done something.
 *
 * @param reopen lets the client ask the server again, for a page that stays hidden until the same user has signed in
 */
export type Leave = (
  ending: Ending,
  loginUrl: string | undefined,
  wasLive: boolean | undefined,
  reopen: () => void,
) => boolean | void;

/**
 * Called at the end of a session, before the page is emptied and left, with the URL of the login page. The router of a
 * single-page application may go there itself. If this function returns `true`, the client does not leave the page. The
 * page must then show nothing of the session. It is not called if another user has signed in: then the page is loaded
 * again.
 */
export type OnLeave = (url: string, reason: Reason) => boolean | void;

/** Keeps a covered page, so that its user can sign in again. Returns a falsy value if the page has to be left. */
export type Stay = (reopen: () => void, ending: Ending, loginUrl: string | undefined) => unknown;

/**
 * Returns a function that leaves the page: it goes to the login page, or reloads the page if there is no login page.
 * The login page itself is not left, unless it belonged to a living session. A reloaded page is not reloaded again
 * before the user has done something on it. It stays. If it belonged to a living session, it is covered and emptied.
 *
 * @param isUsed whether the user has pressed a key or a button on this page
 * @param stop called before the page is left
 * @param onLeave called before `stop`; it may keep the page
 */
export function departure(isUsed: () => boolean, stop: () => void, onLeave?: OnLeave, stay?: Stay): Leave {
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  let isReload = page?.type === 'reload';

  return (ending, loginUrl, wasLive, reopen) => {
    // The others are somebody's decision.
    if (wasLive && endedByItself(ending) && stay?.(reopen, ending, loginUrl)) {
      isReload = false;
      return false;
    }
    const isOther = ending === 'other';
    const toLogin = loginUrl && !isOther;
    const target = toLogin ? loginTarget(loginUrl, ending, wasLive) : location;
    const isHere = target.origin + target.pathname === location.origin + location.pathname;
    // If only the fragment differs, the browser would not load anything.
    const reloads = isHere && target.search === location.search;
    const waits = reloads && !isUsed() && isReload;
    if (!wasLive && (waits || (toLogin && isHere))) return true;
    if (!isOther && attempt(() => onLeave?.(target.href, ending)) === true) return true;
    // The end is told once, even if the page has to wait for its user.
    onLeave = undefined;
    if (waits) return document.body?.replaceChildren();
    stop();
    wipe();
    if (reloads) reload();
    else location.replace(target.href);
    return false;
  };
}

/** Loads the page again. If it was the answer to a form, browsers would send the form again, perhaps for another user. */
export function reload(): void {
  // Routers replace this function, and browsers refuse it if it is called too often.
  attempt(() => history.replaceState(history.state, ''));
  location.reload();
}

/** The URL of the login page, with the reason and the page to return to. */
function loginTarget(loginUrl: string, reason: Reason, wasLive: boolean | undefined): URL | Location {
  const here = pagePath();
  const url = new URL(loginUrl, location.href);
  // Some routers have the login page behind `#`.
  const isLogin = location.pathname + (url.hash && location.hash) === url.pathname + url.hash;
  // A router, such as Turbo, may have followed a redirect to the login page. Its URL has the reason and the way back. And
  // the login URL may lead to another one, such as `/login/`.
  if ((!wasLive || isLogin) && /reason.*returnTo/.test(here)) return location;
  url.searchParams.set('reason', reason);
  // Browsers normalise the path of a page, so only `//` could lead to another site. Some servers refuse long URLs.
  const hasReturn = hasWayBack(reason) && !isLogin && /^\/(?!\/).{0,2047}$/.test(here);
  if (hasReturn) url.searchParams.set('returnTo', here);
  return url;
}

/**
 * Empties the page. This also removes the listeners of the page, so that no `beforeunload` handler can keep the user on
 * it.
 */
function wipe(): void {
  attempt(() => {
    document.documentElement.replaceChildren();
    // XML documents, and pages whose loading was stopped, cannot be opened.
    document.open();
    document.close();
  });
  // Scripts of the page still run, until the next page comes. Routers that use the Navigation API could keep it.
  listen(window, 'beforeunload', (event) => event.stopImmediatePropagation());
  attempt(() => (NavigateEvent.prototype.intercept = Event.prototype.preventDefault = () => undefined));
}
