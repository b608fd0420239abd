import { inspect } from 'node:util';
import { isAsyncFunction } from 'node:util/types';
import { printable } from '../policy/identifier.js';

const LONGEST_SHOWN = 100;

/** Cuts longer text, because error messages go into logs. */
export function shortened(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/**
 * Returns a value as error messages show it. For an object or a function, this is only the kind, because the contents
 * may include secrets, such as the password of a database client.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'function') return isAsyncFunction(value) ? 'an async function' : 'a function';
  if (typeof value !== 'object' || value === null) return shortened(inspect(value));
  const kind = kindOf(value);
  return kind === undefined ? 'an object' : `an object (${shortened(kind)})`;
}

function quoted(text: string): string {
  // class-validator would replace these two in a message.
  return printable(JSON.stringify(shortened(text))).replace(/\$(?=property|target)/g, '\\u{24}');
}

function kindOf(value: object): string | undefined {
  try {
    const name: unknown = value.constructor.name;
    return typeof name === 'string' ? name : undefined;
  } catch {
    // It has no prototype, or is a proxy that does not answer.
    return undefined;
  }
}
