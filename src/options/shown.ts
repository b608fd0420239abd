import { inspect } from 'node:util';

const LONGEST_SHOWN = 100;

/** Longer text is cut: an error message goes into logs. */
export function shortened(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/**
 * A value as an error message shows it. Of an object or a function it shows only the kind, because the contents may
 * hold secrets, such as the password of a database client.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return shortened(inspect(value));
  const kind = kindOf(value);
  return kind === undefined ? 'an object' : `an object (${shortened(kind)})`;
}

function quoted(text: string): string {
  // class-validator would replace these two in a message.
  return JSON.stringify(shortened(text)).replace(/\$(?=property|target)/g, '\\u{24}');
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
