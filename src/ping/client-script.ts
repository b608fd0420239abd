import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import ownPlace from '../enforcement/startup/package-files.cjs';

/** The browser client in one file. */
export interface ClientScript {
  readonly text: string;
  readonly etag: string;
}

let script: Promise<ClientScript> | undefined;

/** Returns the browser client, which is read once. */
export function clientScript(): Promise<ClientScript> {
  script ??= load();
  // Try again after a failure.
  script.catch(() => (script = undefined));
  return script;
}

async function load(): Promise<ClientScript> {
  // The path is the same from src/ and from dist/.
  const text = await readFile(ownPlace.path('../../../dist/client/session-timeout.min.js'), 'utf8');
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}
