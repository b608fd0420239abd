import type { SessionStatus } from '../policy/status.js';

/** What the server says of the session. Durations in milliseconds. */
export type Reply = SessionStatus & {
  /** Where to sign in. */
  readonly loginUrl?: string | undefined;
};

/**
 * Reads the body of a ping's answer, which has its durations in seconds.
 *
 * @returns `undefined` for anything else, such as the page of a proxy in between
 */
export function readReply(body: unknown): Reply | undefined {
  const state = (body as Reply | undefined)?.state as string;
  if (!/^(active|warning|expired|anonymous)$/.test(state)) return undefined;
  const entries = Object.entries(body as object).map(([name, value]) => [
    name,
    typeof value === 'number' ? value * 1000 : value,
  ]);
  return Object.fromEntries(entries) as Reply;
}
