/** The texts of the dialog that offers to sign in again. */
export interface SignInStrings {
  /** The title, and the only text in a frame whose top page shows the dialog. */
  readonly ended?: string;
  /** Why, after the idle limit. */
  readonly endedIdle?: string;
  /** Why, after the absolute limit. */
  readonly endedAbsolute?: string;
  /** What happens to the page. */
  readonly kept?: string;
  /** While the login window is open. */
  readonly waiting?: string;
  /** If the browser does not open windows. A link takes the place of the button then. */
  readonly blocked?: string;
  /** The button that gives the page up. */
  readonly leave?: string;
}

export const SIGN_IN_ENGLISH: Required<SignInStrings> = {
  ended: 'Your session has ended',
  endedIdle: 'You were signed out because you were not active.',
  endedAbsolute: 'You were signed out because you had been signed in for as long as is allowed.',
  kept: 'This page is hidden and stays as you left it. Sign in again to go on with it.',
  waiting: 'Use the other window to sign in. This page then comes back by itself.',
  blocked: 'The browser has blocked the window. Please use the link to sign in.',
  leave: 'Leave this page',
};
