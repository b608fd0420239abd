/** What is special about a reason. */
interface ReasonTraits {
  /** Whether time or damage brought it about (event `expired`), or somebody decided it (event `ended`). */
  readonly isExpiry: boolean;
  /** Whether the browser goes back to the page once the user has signed in again. */
  readonly comesBack: boolean;
  /**
   * Whether the answer that tells it may clear the cookie. Never for a session that goes on under another
   * id: a late answer would delete the new cookie.
   */
  readonly clearsCookie: boolean;
}

/** Everything that depends on why a session ended, but for the texts, which the browser does not need. */
export const reasonTraits = {
  idle: { isExpiry: true, comesBack: true, clearsCookie: true },
  absolute: { isExpiry: true, comesBack: true, clearsCookie: true },
  'signed-out': { isExpiry: false, comesBack: false, clearsCookie: true },
  revoked: { isExpiry: false, comesBack: true, clearsCookie: true },
  replaced: { isExpiry: false, comesBack: true, clearsCookie: false },
  lost: { isExpiry: true, comesBack: true, clearsCookie: true },
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

/** What users are told; the option `messages` replaces it. */
export const reasonTexts: Readonly<Record<Reason, string>> = {
  idle: 'You were signed out because you were inactive.',
  absolute: 'You were signed out because your session reached its maximum length.',
  'signed-out': 'You have signed out.',
  revoked: 'Your session was ended. Please sign in again.',
  replaced: 'You have signed in again elsewhere in this browser.',
  lost: 'Your session is no longer available. Please sign in again.',
};

/** The reasons that time or damage bring about; the others are somebody's decision. */
export type ExpiryReason = {
  [R in Reason]: (typeof reasonTraits)[R]['isExpiry'] extends true ? R : never;
}[Reason];

/** Every {@link Reason}. */
export const reasons = Object.keys(reasonTraits) as readonly Reason[];

/** Whether `value` is a {@link Reason}. */
export function isReason(value: unknown): value is Reason {
  return typeof value === 'string' && Object.hasOwn(reasonTraits, value);
}

/** Whether a session expired, or was ended by somebody's decision. */
export function isExpiry(reason: Reason): reason is ExpiryReason {
  return reasonTraits[reason].isExpiry;
}
