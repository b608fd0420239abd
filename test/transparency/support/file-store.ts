import { type SessionData, Store } from 'express-session';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

type Done = (error?: unknown, row?: SessionData | null) => void;

/** A store with a file for each session. A touch reads and writes it, and a file that is missing is an error. */
export class FileStore extends Store {
  private writes = 0;

  constructor(private readonly folder: string) {
    super();
  }

  get(sessionId: string, callback: Done): void {
    readFile(this.path(sessionId), 'utf8').then(
      (text) => callback(null, JSON.parse(text) as SessionData),
      (error: unknown) => callback(error),
    );
  }

  set(sessionId: string, session: SessionData, callback?: Done): void {
    this.write(sessionId, session).then(
      () => callback?.(null),
      (error: unknown) => callback?.(error),
    );
  }

  override touch(sessionId: string, session: SessionData, callback?: Done): void {
    readFile(this.path(sessionId), 'utf8')
      .then((text) => this.write(sessionId, { ...(JSON.parse(text) as SessionData), cookie: session.cookie }))
      .then(
        () => callback?.(null),
        (error: unknown) => callback?.(error),
      );
  }

  destroy(sessionId: string, callback?: Done): void {
    rm(this.path(sessionId), { force: true }).then(
      () => callback?.(null),
      (error: unknown) => callback?.(error),
    );
  }

  /** Whoever reads sees the old file or the new one. */
  private async write(sessionId: string, session: SessionData): Promise<void> {
    const text = JSON.stringify(session);
    this.writes += 1;
    const draft = `${this.path(sessionId)}.${this.writes}`;
    await writeFile(draft, text);
    await rename(draft, this.path(sessionId));
  }

  private path(sessionId: string): string {
    return join(this.folder, `${encodeURIComponent(sessionId)}.json`);
  }
}
