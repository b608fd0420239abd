/** The texts of the dialog that offers to sign in again. */
export interface SignInStrings {
  /** The title. In a frame, it is the only text if the top page shows the dialog. */
  readonly ended?: string;
  /** The reason, after the idle limit. */
  readonly endedIdle?: string;
  /** The reason, after the absolute limit. */
  readonly endedAbsolute?: string;
  /** What happens to the page. */
  readonly kept?: string;
  /** The text while the login window is open. */
  readonly waiting?: string;
  /** The text if the browser has blocked the window. A link then replaces the button. */
  readonly blocked?: string;
  /** The button that leaves the page. */
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
