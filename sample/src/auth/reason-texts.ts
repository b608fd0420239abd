import type { Reason } from 'nestjs-session-timeout';

/** What users are told when their session has ended. */
export const reasonTexts: Record<Reason, string> = {
  idle: 'You were signed out because nothing happened for a while. Sign in to go on where you were.',
  absolute: 'You were signed out because your session had reached its maximum length. Sign in to go on.',
  'signed-out': 'You have signed out.',
  revoked: 'Your session was ended by an administrator. Please sign in again.',
  replaced: 'Your session was replaced by a newer sign-in in this browser.',
  lost: 'Your session is over: you signed out in another tab, or the server was restarted. Please sign in again.',
};

/** The text for a reason from a query; `undefined` for anything else, which is never shown. */
export function reasonText(reason: unknown): string | undefined {
  return typeof reason === 'string' && Object.hasOwn(reasonTexts, reason) ? reasonTexts[reason as Reason] : undefined;
}
