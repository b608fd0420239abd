import { attempt } from '../../attempt.js';
import type { Ending } from '../../state/session-state.js';

/** Small, so that users see that their page is behind it. */
const FEATURES = 'popup,width=520,height=720';

/** The window in which the user signs in. */
export interface LoginWindow {
  /** Opens the window, or brings it to the front. Call it for a click only. Returns whether the window is open. */
  open(): boolean;
  /** Closes it. A window that has not come back from another origin may stay open. */
  close(): void;
}

/** @param target the URL of the login page */
export function loginWindow(target: () => string): LoginWindow {
  let view: Window | null = null;
  return {
    open() {
      if (view && !view.closed) {
        view.focus();
        return true;
      }
      view = window.open(target(), '_blank', FEATURES);
      // The page keeps its handle, to close the window. The window gets none, as other sites may be shown in it.
      attempt(() => (view!.opener = null));
      return view !== null && !view.closed;
    },
    close: () => attempt(() => view?.close()),
  };
}

/**
 * The URL of the login page for a window that only signs in. Its `returnTo` is a page of this package.
 *
 * @param url where the routes of the package are
 */
export function loginWindowUrl(loginUrl: string, ending: Ending, url: string, lang: string): string {
  const login = new URL(loginUrl, location.href);
  const { pathname, search } = new URL(`${url}signed-in?${new URLSearchParams({ lang })}`, location.href);
  login.searchParams.set('reason', ending);
  login.searchParams.set('returnTo', pathname + search);
  return login.href;
}
