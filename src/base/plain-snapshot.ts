/** These stand in a snapshot for the beginning of an object or array, and for the end of an object. No data contains them. */
const OBJECT = Symbol('object');
const ARRAY = Symbol('array');
const END = Symbol('end');

type Fields = Record<string, unknown>;

/**
 * What data contained at one time, to find out later whether it is still the same, and so has the same JSON. The data
 * consists of plain objects, arrays and primitive values, as `JSON.parse` returns it.
 *
 * It is one flat list of names and values. A copy of the objects would take twice as long to make and to compare.
 */
export class PlainSnapshot {
  private readonly list: unknown[] = [];

  /** @throws TypeError if the data contains anything else, such as a date */
  constructor(data: unknown) {
    if (doObjectsInherit()) throw new TypeError('This is not plain data.');
    this.add(data);
  }

  /** Whether data is the same. It is not if it contains anything else than plain data, or if its fields have another order. */
  isOf(data: unknown): boolean {
    return !doObjectsInherit() && new Comparison(this.list).goesOnWith(data);
  }

  private add(data: unknown): void {
    const { list } = this;
    if (typeof data !== 'object' || data === null) {
      list.push(data);
    } else if (isPlainArray(data)) {
      list.push(ARRAY, data.length);
      for (const item of data) this.add(item);
    } else if (isPlainObject(data)) {
      list.push(OBJECT);
      for (const name in data) {
        list.push(name);
        this.add(data[name]);
      }
      list.push(END);
    } else {
      throw new TypeError('This is not plain data.');
    }
  }
}

/** Compares data with the list of a snapshot, from its beginning. */
class Comparison {
  private position = 0;

  constructor(private readonly list: readonly unknown[]) {}

  /** Whether the list goes on with this data. */
  goesOnWith(data: unknown): boolean {
    if (typeof data !== 'object' || data === null) return this.isNext(data);
    if (isPlainArray(data)) return this.isNext(ARRAY) && this.isNext(data.length) && this.haveItems(data);
    return isPlainObject(data) && this.isNext(OBJECT) && this.hasFields(data) && this.isNext(END);
  }

  private haveItems(items: readonly unknown[]): boolean {
    // `every` would skip what was deleted.
    for (const item of items) if (!this.goesOnWith(item)) return false;
    return true;
  }

  private hasFields(data: Fields): boolean {
    for (const name in data) if (!this.isNext(name) || !this.goesOnWith(data[name])) return false;
    return true;
  }

  private isNext(value: unknown): boolean {
    const { list, position } = this;
    this.position += 1;
    return position < list.length && list[position] === value;
  }
}

/** Whether some code has given all objects a field, which `for … in` would find. JSON does not contain such fields. */
function doObjectsInherit(): boolean {
  return Object.keys(Object.prototype).length > 0;
}

function isPlainArray(data: object): data is unknown[] {
  return Array.isArray(data) && Object.getPrototypeOf(data) === Array.prototype;
}

function isPlainObject(data: object): data is Fields {
  return Object.getPrototypeOf(data) === Object.prototype;
}
