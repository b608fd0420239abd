import { isExpiry, type Reason } from '../../../policy/reason.js';
import type { PingReply } from '../../../wire/ping-reply.js';

/**
 * What an answer of the server means for a covered page:
 *
 * - `nobody`: nobody has signed in yet;
 * - `unreachable`: the server did not say;
 * - `same-user`: the user of the page is signed in;
 * - `over`: somebody else is signed in, or somebody has ended a session on purpose. The page must not come back.
 */
export type Meaning = 'nobody' | 'unreachable' | 'same-user' | 'over';

/**
 * @param reply the answer; `undefined` if there is none
 * @param user the tag of the user to whom the page belongs
 */
export function meaningOf(reply: PingReply | undefined, user: string): Meaning {
  if (!reply) return 'unreachable';
  if ('session' in reply) return reply.user === user ? 'same-user' : 'over';
  if (reply.state === 'anonymous') return 'nobody';
  return isExpiry(reply.reason) ? 'nobody' : 'over';
}

/** The part of another tab's message that a covered page needs. */
export interface HeardMessage {
  readonly answer?: { readonly state?: unknown; readonly reason?: Reason } | undefined;
}

/**
 * What the message of another tab means: `ask` if somebody may have signed in, `over` if somebody signs out, or
 * nothing. A message alone never uncovers the page.
 */
export function meaningOfMessage({ answer }: HeardMessage): 'ask' | 'over' | undefined {
  if (!answer || answer.reason === 'signed-out') return 'over';
  return answer.state === 'active' || answer.state === 'warning' ? 'ask' : undefined;
}
