import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import ownPlace from '../enforcement/startup/package-files.cjs';

/** A file for the browser. */
export interface ClientFile {
  readonly text: string;
  readonly etag: string;
}

/** The browser client, and the parts of it that it loads when a page needs them. */
export type FileName = 'session-timeout' | 'extras' | 'sign-in-here' | 'drafts';

const files = new Map<FileName, Promise<ClientFile>>();

/** Returns a file of the browser client. Each file is read once. */
export function clientFile(name: FileName): Promise<ClientFile> {
  const known = files.get(name);
  if (known) return known;
  const file = load(name);
  files.set(name, file);
  // Try again after a failure.
  file.catch(() => files.delete(name));
  return file;
}

async function load(name: FileName): Promise<ClientFile> {
  // The path is the same from src/ and from dist/.
  const text = await readFile(ownPlace.path(`../../../dist/client/${name}.min.js`), 'utf8');
  return { text, etag: etagOf(text) };
}

export function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url')}"`;
}
