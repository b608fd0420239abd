import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** The browser client in one file. */
export interface ClientScript {
  readonly text: string;
  readonly etag: string;
}

// From src/ping and from dist/ping alike.
const FILE = new URL('../../dist/client/session-timeout.min.js', import.meta.url);

let script: Promise<ClientScript> | undefined;

/** The browser client, read once. */
export function clientScript(): Promise<ClientScript> {
  script ??= load();
  // What failed once is tried again.
  script.catch(() => (script = undefined));
  return script;
}

async function load(): Promise<ClientScript> {
  const text = await readFile(FILE, 'utf8');
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
}
