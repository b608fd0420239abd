/** The texts of the warning. `{time}` stands for what is left. */
export const warningEnglish = {
  title: 'Your session is about to end',
  /** Before the idle limit. */
  idle: 'You have not been active and will be signed out. What you have not saved will be lost.',
  /** Before the absolute limit. */
  absolute:
    'You have been signed in for as long as is allowed. Save your work now: what you have not saved will be lost.',
  /** Shown. */
  left: 'Time left: {time}',
  /** Spoken. The time comes first: speech lags behind. */
  spoken: '{time} left before you are signed out.',
  stay: 'Stay signed in',
  staying: 'One moment…',
  failed: 'That did not work yet. Trying again…',
  back: 'Back to the page',
  signOut: 'Sign out now',
};
