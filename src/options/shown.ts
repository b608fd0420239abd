import { inspect } from 'node:util';

/**
 * A value as an error message shows it. Of an object it shows only the kind, because the contents may hold secrets,
 * such as the password of a database client.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return inspect(value);
  return `an object (${value.constructor?.name ?? 'without a prototype'})`;
}
