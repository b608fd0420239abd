import { CLIENT_HEADER } from '../../wire/headers.js';
import type { DraftKeyReply } from '../../wire/draft-key.js';

/** The keys of the user. They cannot be exported, and are kept only in memory. */
export interface DraftKeys {
  /** The first key encrypts. The others open drafts from before a change of the secret. */
  readonly keys: readonly [CryptoKey, ...CryptoKey[]];
  /** Milliseconds. */
  readonly maxAge: number;
  /** The hash of the session. */
  readonly session: string;
}

/** The answer of the server: keys, or that there are none. */
export interface KeyAnswer {
  readonly found?: DraftKeys | undefined;
  /** Whether the user signed out of the session that the question named. */
  readonly signedOut?: boolean | undefined;
  readonly status: number;
}

/**
 * Asks for the keys of the user. If that fails, the answer is like that of a server in trouble.
 *
 * @param own the URL of the package's routes
 * @param after the session of the stored drafts
 */
export function askForKeys(own: string, after: string): Promise<KeyAnswer> {
  return ask(own, after).catch(() => ({ status: 503 }));
}

async function ask(own: string, after: string): Promise<KeyAnswer> {
  // A service worker must not answer from its cache.
  const answer = await fetch(`${own}draft-key?after=${after}&${Date.now()}`, {
    headers: { [CLIENT_HEADER]: '1' },
  });
  const { status } = answer;
  const reply = (await answer.json().catch(() => ({}))) as Partial<DraftKeyReply>;
  const { key, previous = [], maxAge = 0, session = '', signedOut } = reply;
  if (!answer.ok || !key) return { signedOut, status };
  const [first, ...others] = await Promise.all([key, ...previous].map(imported));
  return { found: { keys: [first!, ...others], maxAge: maxAge * 1000, session }, signedOut, status };
}

function imported(key: string): Promise<CryptoKey> {
  const bytes = bytesOf(key.replace(/-/g, '+').replace(/_/g, '/'));
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** Bytes from base64. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Base64 of bytes. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
