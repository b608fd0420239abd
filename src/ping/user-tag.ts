import { hash } from 'node:crypto';

/** A short tag of a user, by which a page knows them again after another sign-in. It is told to themselves only. */
export function userTag(user: string | undefined): string | undefined {
  return user === undefined ? undefined : hash('sha256', `user:${user}`, 'base64url').slice(0, 8);
}
