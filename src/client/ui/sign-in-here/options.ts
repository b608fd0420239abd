import type { SessionTimeoutClient } from '../../page.js';
import type { Stay } from '../leave-page.js';
import type { LanguageOptions } from '../strings.js';

/** What happens to a page whose session has ended. */
export interface SignInOptions {
  /**
   * - `'leave'` (default): the page is emptied, and left for the login page.
   * - `'sign-in-here'`: the page stays, covered. A dialog offers to sign in, in a window of its own. When the same user
   *   has signed in, the page comes back as it was. When somebody else has, it is emptied and reloaded.
   *
   * Pages are left all the same after a sign-out, and if the session was revoked or displaced. The module needs the
   * options `identify` and `redirectTo` for this.
   */
  readonly whenEnded?: 'leave' | 'sign-in-here' | undefined;
  /**
   * Called when the same user has signed in again, before the page is shown: for a new CSRF token, for example. The page
   * stays covered until the promise that it returns has settled, but at most ten seconds. For pages with the script tag,
   * there is the event `session-timeout:restored` (see {@link SessionRestoredEvent}).
   */
  readonly onRestored?: (() => unknown) | undefined;
}

/** What the part that signs in again needs to know. */
export type SignInContext = SignInOptions & LanguageOptions;

/**
 * The part that signs in again, which is a file of its own.
 *
 * - At the end of a session, it keeps the page. The promise settles when that is over, and is rejected if the page has to
 *   be left.
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
