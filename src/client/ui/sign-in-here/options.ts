import type { SessionTimeoutClient } from '../../page.js';
import type { Stay } from '../leave-page.js';
import type { LanguageOptions } from '../strings.js';

/** Options for a page whose session has ended. */
export interface SignInOptions {
  /**
   * - `'leave'` (default): the page is emptied, and the browser goes to the login page.
   * - `'sign-in-here'`: the page stays, covered. A dialog offers to sign in, in a separate window. When the same user
   *   has signed in, the page comes back as it was. When somebody else has signed in, the page is emptied and reloaded.
   *
   * After a sign-out, and if the session was revoked or displaced, pages are left in any case. `'sign-in-here'` needs
   * the options `identify` and `redirectTo` of the module.
   */
  readonly whenEnded?: 'leave' | 'sign-in-here' | undefined;
  /**
   * Called when the same user has signed in again, before the page is shown. Use it to fetch a new CSRF token, for
   * example. The page stays covered until the returned promise has settled, but at most ten seconds. Pages with the
   * script tag use the event `session-timeout:restored` (see {@link SessionRestoredEvent}). Default: none.
   */
  readonly onRestored?: (() => unknown) | undefined;
}

/** The options of the part that signs in again. */
export type SignInContext = SignInOptions & LanguageOptions;

/**
 * The part that signs in again, which is in a separate file.
 *
 * - At the end of a session, it keeps the page. The promise resolves when the page is no longer kept, and rejects if
 *   the page has to be left.
 * - Without an end, it resolves when the user of the page is signed in (`whenSignedIn()`).
 */
export interface SignInPart {
  signInHere(
    client: SessionTimeoutClient,
    options: SignInContext,
    url: string,
    ...end: Parameters<Stay> | []
  ): Promise<void>;
}
