const LONGEST = 256;

/** Almost all ids look like this. */
const PLAIN = /^[\w-]{1,256}$/;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Returns what makes a text unusable as the id of a user or the hash of a session; `undefined` if it is usable. An
 * unusable text would break a line of a log, cannot be stored by every ledger, or would come back changed.
 */
export function problemOfId(id: unknown): string | undefined {
  if (typeof id !== 'string') return `is ${id === null ? 'null' : `of type ${typeof id}`} instead of text`;
  if (PLAIN.test(id)) return undefined;
  // A character takes at most two units of a string. So a much longer text does not have to be counted.
  if (id.length > 2 * LONGEST || Array.from(id).length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (CONTROL.test(id)) return 'contains a control character, like a line break or NUL';
  if (LONE_SURROGATE.test(id)) return 'contains half of a character (a lone surrogate)';
  return undefined;
}

/**
 * Escapes characters that could begin a new line, change the colours of a terminal, or change the direction of writing.
 */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
