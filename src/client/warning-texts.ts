/** The texts of the warning. `{time}` stands for what is left. */
export const warningEnglish = {
  title: 'Your session is about to end',
  /** Before the idle limit. */
  idle: 'For your security we sign you out when you are not active. What you have not saved will be lost.',
  /** Before the absolute limit. */
  absolute:
    'You have been signed in for as long as is allowed and will have to sign in again. Save your work now: what you have not saved will be lost.',
  /** Shown. */
  left: 'Time left: {time}',
  /** Spoken. The time comes first: speech lags behind. */
  spoken: '{time} left before you are signed out.',
  over: 'Your time is over.',
  stay: 'Stay signed in',
  staying: 'One moment…',
  failed: 'You could not be kept signed in yet. We are trying again; you can press the button again, too.',
  back: 'Back to the page',
  signOut: 'Sign out now',
};
