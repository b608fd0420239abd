import { hash } from 'node:crypto';

/** What stands for a session outside of its cookie: the SHA-256 of its id, in ledger, events and logs. */
export function sessionKey(sessionId: string): string {
  return hash('sha256', sessionId, 'base64url');
}

/** The short tag by which browsers tell one sign-in from another. No secret. */
export function sessionTag(key: string): string {
  return key.slice(0, 8);
}
