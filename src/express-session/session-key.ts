import { hash } from 'node:crypto';

const REMEMBERED = 100;

/** The keys of the latest ids: a page sends many requests in a row. */
const lately = new Map<string, string>();

/** What stands for a session outside of its cookie: the SHA-256 of its id, in ledger, events and logs. */
export function sessionKey(sessionId: string): string {
  const known = lately.get(sessionId);
  if (known !== undefined) return known;
  const key = hash('sha256', sessionId, 'base64url');
  lately.set(sessionId, key);
  if (lately.size > REMEMBERED) lately.delete(lately.keys().next().value as string);
  return key;
}

/** The short tag by which browsers tell one sign-in from another. No secret. */
export function sessionTag(key: string): string {
  return key.slice(0, 8);
}
