/** What depends on a reason. */
interface ReasonTraits {
  /** The default text for users; the option `messages` replaces it. */
  readonly text: string;
  /** Whether a limit or lost data ended the session (event `expired`), or somebody's decision did (event `ended`). */
  readonly isExpiry: boolean;
  /**
   * Whether the answer with the reason may clear the cookie. It may not if the session goes on under another id: a
   * late answer would delete the new cookie.
   */
  readonly clearsCookie: boolean;
}

/** Everything that depends on the reason. */
export const reasonTraits = {
  idle: {
    text: 'You were signed out because you were inactive.',
    isExpiry: true,
    clearsCookie: true,
  },
  absolute: {
    text: 'You were signed out because your session reached its maximum length.',
    isExpiry: true,
    clearsCookie: true,
  },
  'signed-out': {
    text: 'You have signed out.',
    isExpiry: false,
    clearsCookie: true,
  },
  revoked: {
    text: 'Your session was ended. Please sign in again.',
    isExpiry: false,
    clearsCookie: true,
  },
  replaced: {
    text: 'You have signed in again elsewhere in this browser.',
    isExpiry: false,
    clearsCookie: false,
  },
  displaced: {
    text: 'You were signed out because you have signed in on too many devices.',
    isExpiry: false,
    clearsCookie: true,
  },
  lost: {
    text: 'Your session is no longer available. Please sign in again.',
    isExpiry: true,
    clearsCookie: true,
  },
} as const satisfies Record<string, ReasonTraits>;

/**
 * Why a session ended:
 *
 * - `idle`: the idle limit was reached
 * - `absolute`: the absolute limit was reached
 * - `signed-out`: the user signed out
 * - `revoked`: somebody else ended it
 * - `replaced`: it goes on under a new session id, or another user signed in
 * - `displaced`: another sign-in of the same user took its place (`maxSessions`)
 * - `lost`: its stored data is missing or cannot be read
 */
export type Reason = keyof typeof reasonTraits;

/** The reasons of the event `expired`: a limit, or lost data. The other reasons are somebody's decision. */
export type ExpiryReason = {
  [R in Reason]: (typeof reasonTraits)[R]['isExpiry'] extends true ? R : never;
}[Reason];

/** Every {@link Reason}. Marked as pure, so that browser bundles can leave the table out. */
export const reasons = /* #__PURE__ */ Object.keys(reasonTraits) as readonly Reason[];

/** Whether `value` is a {@link Reason}. */
export function isReason(value: unknown): value is Reason {
  return typeof value === 'string' && Object.hasOwn(reasonTraits, value);
}

/** Whether a session expired, rather than being ended by somebody's decision. */
export function isExpiry(reason: Reason): reason is ExpiryReason {
  return reasonTraits[reason].isExpiry;
}

/**
 * Whether the browser returns to the page after the user has signed in again. It does not if the user signed out. This
 * is not in the table, because the browser would have to load the whole table for it.
 */
export function hasWayBack(reason: Reason): boolean {
  return reason !== 'signed-out';
}

/** {@link isExpiry} for the browser, without the table: idle, absolute and lost. A test compares both. */
export function endedByItself(ending: string): boolean {
  return /^[ial]/.test(ending);
}
