import { hash } from 'node:crypto';

/** Returns a short tag of a user, by which a page recognises the user after another sign-in. Only this user gets it. */
export function userTag(user: string | undefined): string | undefined {
  return user === undefined ? undefined : hash('sha256', `user:${user}`, 'base64url').slice(0, 8);
}
