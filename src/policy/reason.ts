/**
 * Why a session ended:
 *
 * - `idle`: no activity for as long as the idle limit allows;
 * - `absolute`: the absolute limit since sign-in is over;
 * - `signed-out`: the user signed out;
 * - `revoked`: the application ended it from elsewhere;
 * - `replaced`: it goes on under another id (after a new sign-in);
 * - `lost`: what was stored of it is missing or unreadable.
 */
export type Reason = 'idle' | 'absolute' | 'signed-out' | 'revoked' | 'replaced' | 'lost';

/** The reasons that time or damage bring about; the others are somebody's decision. */
export type ExpiryReason = Extract<Reason, 'idle' | 'absolute' | 'lost'>;

/** Every {@link Reason}. */
export const reasons: readonly Reason[] = ['idle', 'absolute', 'signed-out', 'revoked', 'replaced', 'lost'];

/** Whether `value` is a {@link Reason}. */
export function isReason(value: unknown): value is Reason {
  return reasons.includes(value as Reason);
}

/** Whether a session ended by itself (`expired`), not by somebody's decision (`ended`). */
export function isExpiry(reason: Reason): reason is ExpiryReason {
  return reason === 'idle' || reason === 'absolute' || reason === 'lost';
}
