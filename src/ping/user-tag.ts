import { hash } from 'node:crypto';

/**
 * Returns a short tag of a user, by which a page recognises the user after another sign-in. The server sends it only to
 * this user. The client keeps it in the storage of the browser, so it must not be of any use to others.
 */
export function userTag(user: string | undefined): string | undefined {
  return user === undefined ? undefined : hash('sha256', `user:${user}`, 'base64url').slice(0, 8);
}
