import { hash } from 'node:crypto';

/**
 * The names of the keys in Redis. A script has one key, so the keys of a cluster may be on any server.
 *
 * The name for a session is the prefix and the key of the session. Names with a brace after the prefix are for the
 * lists. If the key of a session begins with a brace, another brace is put before it. So no session can be taken for a
 * list.
 */
export class KeyNames {
  constructor(private readonly prefix: string) {}

  session(key: string): string {
    return key.startsWith('{') ? `${this.prefix}{k}${key}` : this.prefix + key;
  }

  /** The name for the list of a user. The user id is hashed, because it may be long or private. */
  user(user: string): string {
    return `${this.prefix}{u:${hash('sha256', user, 'base64url')}}`;
  }

  /** The name for one part of the list of due sessions. */
  due(shard: number): string {
    return `${this.prefix}{due:${shard}}`;
  }
}
