import { hash } from 'node:crypto';

/**
 * The names of the keys in Redis. A script has one key, so the keys of a cluster may be on any server.
 *
 * A session's name is the prefix and its key. Names with a brace after the prefix are for the lists. The key of a
 * session that begins with a brace itself gets another one before it, so no session can be taken for a list.
 */
export class KeyNames {
  constructor(private readonly prefix: string) {}

  session(key: string): string {
    return key.startsWith('{') ? `${this.prefix}{k}${key}` : this.prefix + key;
  }

  /** The sessions of a user. Their id is hashed, as it may be long, or tell more than a name of a key should. */
  user(user: string): string {
    return `${this.prefix}{u:${hash('sha256', user, 'base64url')}}`;
  }

  /** One part of the list of due sessions. */
  due(shard: number): string {
    return `${this.prefix}{due:${shard}}`;
  }
}
