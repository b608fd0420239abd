import fc from 'fast-check';
import { PlainSnapshot } from '../../src/base/plain-snapshot.js';

const parsed = (json: string): unknown => JSON.parse(json);

test('a snapshot is of the same data, and not of what changes later', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const snapshot = new PlainSnapshot(parsed(json));
      expect(snapshot.isOf(parsed(json))).toBe(true);
      expect(snapshot.isOf([parsed(json)])).toBe(false);
    }),
  );
});

test('a snapshot is of other data only if both have the same JSON', () => {
  const some = fc.json({ maxDepth: 2, noUnicodeString: true } as fc.JsonSharedConstraints);
  fc.assert(
    fc.property(some, some, (one, other) => {
      const isLike = new PlainSnapshot(parsed(other)).isOf(parsed(one));
      const isSame = JSON.stringify(parsed(one)) === JSON.stringify(parsed(other));
      expect(isLike && !isSame).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

class Named {
  constructor(readonly name: string) {}
  toJSON(): string {
    return `Named ${this.name}`;
  }
}

const changes: [string, (data: { name: unknown; list: unknown[]; inner: Record<string, unknown> }) => unknown][] = [
  ['another value', (data) => (data.name = 'bob')],
  ['a value of another type', (data) => (data.inner['count'] = '1')],
  ['null in place of an object', (data) => Object.assign(data, { inner: null })],
  ['an array in place of an object', (data) => Object.assign(data, { inner: [1, 'deep'] })],
  ['an object in place of an array', (data) => Object.assign(data, { list: { 0: 1, 1: { of: 2 } } })],
  ['a further field', (data) => (data.inner['more'] = true)],
  ['a field without a value', (data) => (data.inner['more'] = undefined)],
  ['a field less', (data) => delete data.inner['count']],
  ['fields in another order', (data) => Object.assign(data, { inner: { text: 'deep', count: 1 } })],
  ['a further item', (data) => data.list.push(3)],
  ['an item less', (data) => data.list.pop()],
  ['a hole in an array', (data) => delete data.list[0]],
  ['a change deep inside', (data) => ((data.list[1] as { of: number }).of = 3)],
  ['a date', (data) => (data.name = new Date(0))],
  ['a map', (data) => Object.assign(data, { inner: new Map() })],
  ['an object with a JSON of its own', (data) => Object.assign(data, { inner: new Named('x') })],
  ['a function', (data) => (data.inner['count'] = () => 1)],
  ['a number that has no JSON', (data) => (data.inner['count'] = Number.NaN)],
  ['a big number', (data) => (data.inner['count'] = 1n)],
  ['an object that contains itself', (data) => (data.inner['self'] = data)],
];

test.each(changes)('data with %s is not that of the snapshot from before', (_what, change) => {
  const data = { name: 'alice', list: [1, { of: 2 }], inner: { count: 1, text: 'deep' } };
  const snapshot = new PlainSnapshot(data);
  expect(snapshot.isOf(data)).toBe(true);
  change(data);
  expect(snapshot.isOf(data)).toBe(false);
});

test.each([
  ['a date', new Date(0)],
  ['an object of a class', new Named('x')],
  ['an object without a prototype', Object.create(null)],
  ['an array of a class', new (class extends Array {})()],
])('data with %s is not plain', (_what, value) => {
  expect(() => new PlainSnapshot({ inner: [value] })).toThrow('not plain');
});

test('a field with the name of the prototype is a field like any other', () => {
  const snapshot = new PlainSnapshot(parsed('{ "__proto__": 5 }'));
  expect(snapshot.isOf(parsed('{ "__proto__": 5 }'))).toBe(true);
  expect(snapshot.isOf(parsed('{ "__proto__": 6 }'))).toBe(false);
  expect(snapshot.isOf({})).toBe(false);
});

test('nothing is plain while all objects inherit a field', () => {
  const snapshot = new PlainSnapshot({ user: 'alice' });
  // oxlint-disable-next-line no-extend-native -- old libraries do this
  Object.defineProperty(Object.prototype, 'beta', { value: true, enumerable: true, configurable: true });
  try {
    expect(snapshot.isOf({ user: 'alice', beta: true })).toBe(false);
    expect(() => new PlainSnapshot({ user: 'alice' })).toThrow('not plain');
  } finally {
    delete (Object.prototype as { beta?: true }).beta;
  }
});
