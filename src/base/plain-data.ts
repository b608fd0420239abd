type Fields = Record<string, unknown>;

/**
 * Returns a copy of data that consists of plain objects, arrays and primitive values, as `JSON.parse` returns it.
 *
 * @throws TypeError if it contains anything else, such as a date, or a field with the name `__proto__`
 */
export function copyPlain(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return data;
  if (isPlainArray(data)) return data.map(copyPlain);
  if (!isPlainObject(data)) throw new TypeError('This is not plain data.');
  // A copy could not have it as a field of its own.
  if (Object.hasOwn(data, '__proto__')) throw new TypeError('This is not plain data.');
  const copy: Fields = {};
  for (const name of Object.keys(data)) copy[name] = copyPlain(data[name]);
  return copy;
}

/**
 * Whether data is like a copy of {@link copyPlain}, and so has the same JSON. It is not if it contains anything else than
 * plain data, or if its fields are in another order.
 */
export function isLikeCopy(data: unknown, copy: unknown): boolean {
  if (data === copy) return true;
  if (typeof data !== 'object' || typeof copy !== 'object' || data === null || copy === null) return false;
  if (isPlainArray(data)) return isPlainArray(copy) && haveLikeItems(data, copy);
  return isPlainObject(data) && isPlainObject(copy) && haveLikeFields(data, copy);
}

function haveLikeItems(data: readonly unknown[], copy: readonly unknown[]): boolean {
  if (data.length !== copy.length) return false;
  // `every` would skip what was deleted.
  for (let i = 0; i < data.length; i += 1) if (!isLikeCopy(data[i], copy[i])) return false;
  return true;
}

function haveLikeFields(data: Fields, copy: Fields): boolean {
  const names = Object.keys(data);
  const copied = Object.keys(copy);
  return (
    names.length === copied.length && names.every((name, i) => name === copied[i] && isLikeCopy(data[name], copy[name]))
  );
}

function isPlainArray(data: object): data is unknown[] {
  return Array.isArray(data) && Object.getPrototypeOf(data) === Array.prototype;
}

function isPlainObject(data: object): data is Fields {
  return Object.getPrototypeOf(data) === Object.prototype;
}
