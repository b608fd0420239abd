import { hkdfSync } from 'node:crypto';

/** Another version derives other keys. */
const INFO = 'nestjs-session-timeout/drafts/v1';
const BYTES = 32;

/**
 * Derives the key of a user from a secret (HKDF-SHA256, RFC 5869). It depends on the user and not on the session,
 * so that it opens drafts after another sign-in.
 *
 * @returns 32 bytes in base64url
 */
export function draftKeyOf(secret: string, user: string): string {
  return Buffer.from(hkdfSync('sha256', secret, user, INFO, BYTES)).toString('base64url');
}
