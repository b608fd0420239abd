import { type SessionData, Store } from 'express-session';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

type Done = (error?: unknown, row?: SessionData | null) => void;

/** A store with a file for each session. A touch reads and writes it, and a file that is missing is an error. */
export class FileStore extends Store {
  private last: Promise<unknown> = Promise.resolve();

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

  /** One after the other. Whoever reads sees the old file or the new one. */
  private write(sessionId: string, session: SessionData): Promise<void> {
    const text = JSON.stringify(session);
    const path = this.path(sessionId);
    const written = this.last.then(async () => {
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    });
    this.last = written.catch(() => undefined);
    return written;
  }

  private path(sessionId: string): string {
    return join(this.folder, `${encodeURIComponent(sessionId)}.json`);
  }
}
