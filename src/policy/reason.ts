/** What is special about a reason. */
interface ReasonTraits {
  /** What users are told; the option `messages` replaces it. */
  readonly text: string;
  /** Whether time or damage brought it about (event `expired`), or somebody decided it (event `ended`). */
  readonly isExpiry: boolean;
  /**
   * Whether the answer that tells it may clear the cookie. Never for a session that goes on under another
   * id: a late answer would delete the new cookie.
   */
  readonly clearsCookie: boolean;
}

/** Everything that depends on why a session ended. */
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
  lost: {
    text: 'Your session is no longer available. Please sign in again.',
    isExpiry: true,
    clearsCookie: true,
  },
} as const satisfies Record<string, ReasonTraits>;

/**
 * Why a session ended:
 *
 * - `idle`: the idle limit, no activity for too long
 * - `absolute`: the absolute limit
 * - `signed-out`: the user signed out
 * - `revoked`: somebody else ended it
 * - `replaced`: it goes on under a new session id, or another user signed in
 * - `lost`: what was stored of it is gone or cannot be read
 */
export type Reason = keyof typeof reasonTraits;

/** The reasons that time or damage bring about; the others are somebody's decision. */
export type ExpiryReason = {
  [R in Reason]: (typeof reasonTraits)[R]['isExpiry'] extends true ? R : never;
}[Reason];

/** Every {@link Reason}. Marked as pure, so that bundles for the browser can leave the table out. */
export const reasons = /* #__PURE__ */ Object.keys(reasonTraits) as readonly Reason[];

/** Whether `value` is a {@link Reason}. */
export function isReason(value: unknown): value is Reason {
  return typeof value === 'string' && Object.hasOwn(reasonTraits, value);
}

/** Whether a session expired, or was ended by somebody's decision. */
export function isExpiry(reason: Reason): reason is ExpiryReason {
  return reasonTraits[reason].isExpiry;
}

/**
 * Whether the browser goes back to the page once the user has signed in again: not if they wanted to go. Not
 * in the table, as the browser would have to load that for it.
 */
export function hasWayBack(reason: Reason): boolean {
  return reason !== 'signed-out';
}
