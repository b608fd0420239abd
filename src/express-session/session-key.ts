import { hash } from 'node:crypto';
import { RecentMap } from './recent-map.js';

/** The keys of the latest ids: a page sends many requests in a row. */
const recent = new RecentMap<string, string>(100);

/** What stands for a session outside of its cookie: the SHA-256 of its id, in ledger, events and logs. */
export function sessionKey(sessionId: string): string {
  const known = recent.get(sessionId);
  if (known !== undefined) return known;
  const key = hash('sha256', sessionId, 'base64url');
  recent.set(sessionId, key);
  return key;
}

/** The short tag by which browsers tell one sign-in from another. No secret. */
export function sessionTag(key: string): string {
  return key.slice(0, 8);
}
