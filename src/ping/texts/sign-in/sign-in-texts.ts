/** The texts for signing in again without leaving the page, in one language. */
export interface SignInTexts {
  readonly ended: string;
  readonly endedIdle: string;
  readonly endedAbsolute: string;
  readonly kept: string;
  readonly waiting: string;
  readonly blocked: string;
  readonly leave: string;
  /** The text on the page to which the login window returns. */
  readonly closeWindow: string;
}
