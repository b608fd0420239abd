import { type SessionData, Store } from 'express-session';

type Done = (error?: unknown, row?: SessionData | null) => void;

interface Entry {
  readonly text: string;
  readonly until: number;
}

/** A store whose rows are in private fields: its methods work on itself only. Rows have a lifetime of their own. */
export class PrivateStore extends Store {
  readonly #entries = new Map<string, Entry>();
  readonly #ttl = 86_400_000;

  get(sessionId: string, callback: Done): void {
    const entry = this.#entries.get(sessionId);
    const isThere = entry !== undefined && entry.until > Date.now();
    setImmediate(() => callback(null, isThere ? (JSON.parse(entry.text) as SessionData) : undefined));
  }

  set(sessionId: string, session: SessionData, callback?: Done): void {
    this.#put(sessionId, session);
    if (callback) setImmediate(callback, null);
  }

  override touch(sessionId: string, session: SessionData, callback?: Done): void {
    const entry = this.#entries.get(sessionId);
    if (entry) this.#put(sessionId, { ...(JSON.parse(entry.text) as SessionData), cookie: session.cookie });
    if (callback) setImmediate(callback, null);
  }

  destroy(sessionId: string, callback?: Done): void {
    this.#entries.delete(sessionId);
    if (callback) setImmediate(callback, null);
  }

  entries(): [string, string][] {
    return [...this.#entries].map(([id, { text }]) => [id, text]);
  }

  clearAll(): void {
    this.#entries.clear();
  }

  #put(sessionId: string, session: SessionData): void {
    const { originalMaxAge } = session.cookie;
    this.#entries.set(sessionId, { text: JSON.stringify(session), until: Date.now() + (originalMaxAge ?? this.#ttl) });
  }
}
