import { hash } from 'node:crypto';
import { RecentMap } from '../base/recent-map.js';

/** The keys of the latest ids: a page sends many requests in a row. */
const recent = new RecentMap<string, string>(100);

/** Returns the key of a session: the SHA-256 of its id. It names the session in the ledger, in events and in logs. */
export function sessionKey(sessionId: string): string {
  const known = recent.get(sessionId);
  if (known !== undefined) return known;
  const key = hash('sha256', sessionId, 'base64url');
  recent.set(sessionId, key);
  return key;
}

/** Returns the short tag by which browsers distinguish sign-ins. It is not secret. */
export function sessionTag(key: string): string {
  return key.slice(0, 8);
}
