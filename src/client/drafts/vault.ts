import { attempt } from '../attempt.js';
import type { Draft, DraftField } from './draft-book.js';
import { base64Of, bytesOf, type DraftKeys } from './keys.js';

const IV_BYTES = 12;

/** The encrypted part of a draft. */
type Sealed = readonly [page: string, form: string, ...fields: (readonly [key: string, was: string, typed: string])[]];

/** The place of encrypted drafts: the storage that all tabs share. Nothing in it can be read without the key. */
export type Vault = ReturnType<typeof draftVault>;

/**
 * It uses `localStorage`, because a page can empty it at once while it is left, and read it at once when it starts. The
 * name of an entry is `<prefix><tab>.<number>`, which says nothing about the page or the user. The entry begins with
 * its expiry time. Name and time are authenticated, so that no entry can replace another.
 *
 * @param own the same for all tabs of one application
 */
export function draftVault(own: string) {
  const prefix = `session-draft:${own}:`;
  const last = `session-draft-of:${own}`;

  function names(): string[] {
    const stored = Object.keys(localStorage).filter((name) => name.startsWith(prefix));
    return stored.map((name) => name.slice(prefix.length));
  }

  const get = (name: string): string | null => localStorage[prefix + name];
  const remove = (name: string): void => localStorage.removeItem(prefix + name);

  return {
    names,
    remove,

    /** The expiry time of a draft, in milliseconds since 1970; `NaN` if it is gone. */
    keptUntil: (name: string): number => parseInt(get(name)!),

    /** The hash of the session in which drafts were last kept. */
    get session(): string {
      return localStorage[last] ?? '';
    },
    set session(hash) {
      // The storage may be full.
      attempt(() => (localStorage[last] = hash));
    },

    /** Deletes everything. */
    empty(): void {
      names().forEach(remove);
      localStorage.removeItem(last);
    },

    /** Encrypts a draft, which is kept until `time`. */
    async seal({ keys: [key], maxAge }: DraftKeys, { name, page, form, fields }: Draft, time = Date.now() + maxAge) {
      const content: Sealed = [page, form, ...[...fields].map(([id, { was, typed }]) => [id, was, typed] as const)];
      const until = `${Math.round(time)}`;
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: authenticated(name, until) },
        key,
        new TextEncoder().encode(JSON.stringify(content)),
      );
      return `${until} ${base64Of(iv)}${base64Of(new Uint8Array(sealed))}`;
    },

    /** Stores an encrypted draft. Throws if the storage is full. */
    put(name: string, sealed: string): void {
      localStorage[prefix + name] = sealed;
    },

    /** Opens a draft; `undefined` if it belongs to another user, was changed, or is gone. */
    async open({ keys }: DraftKeys, name: string): Promise<Draft | undefined> {
      const [until = '', text = ''] = get(name)?.split(' ') ?? [];
      for (const key of keys) {
        try {
          const bytes = bytesOf(text);
          const opened = await crypto.subtle.decrypt(
            { name: 'AES-GCM', iv: bytes.slice(0, IV_BYTES), additionalData: authenticated(name, until) },
            key,
            bytes.slice(IV_BYTES),
          );
          const [page, form, ...fields] = JSON.parse(new TextDecoder().decode(opened)) as Sealed;
          const typed = fields.map(([id, was, typed]): [string, DraftField] => [id, { was, typed }]);
          return { name, page, form, fields: new Map(typed) };
        } catch {
          // It may be encrypted with the next key.
        }
      }
      return undefined;
    },
  };
}

function authenticated(name: string, until: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${name} ${until}`);
}
