import { createHash } from 'node:crypto';
import { ShardedMap } from '../../../src/ledger/memory/sharded-map.js';

const keys = Array.from({ length: 4096 }, (_, index) => `key ${index.toString(36).padStart(4, '0')}`);

/** A map with all keys. */
function full(tail: number): ShardedMap<number> {
  const map = new ShardedMap<number>(tail);
  for (const [index, key] of keys.entries()) map.set(key, index);
  return map;
}

test.each([4, Infinity])('finds what was put in, until it is deleted: by the last %d characters', (tail) => {
  const map = full(tail);
  expect(keys.map((key) => map.get(key))).toEqual(keys.map((_key, index) => index));
  expect(map.get('other')).toBeUndefined();
  map.delete('key 0000');
  expect([map.get('key 0000'), map.get('key 0001')]).toEqual([undefined, 1]);
});

test.each([1, 7, 60, 256])('%d parts contain everything once, or a little twice', (parts) => {
  const map = full(4);
  const seen: string[] = [];
  for (let part = 0; part < parts; part += 1) for (const shard of map.nextPart(parts)) seen.push(...shard.keys());
  expect(new Set(seen).size).toBe(keys.length);
  expect(seen.length).toBeLessThan(keys.length * 1.25);
});

test.each<[string, number, (index: number) => string]>([
  ['hashes, by their last characters', 4, (index) => createHash('sha256').update(`${index}`).digest('base64url')],
  ['names of users with the same domain', Infinity, (index) => `user.${index}@example.com`],
])('spreads %s evenly over 256 parts', (_name, tail, textOf) => {
  const map = new ShardedMap<number>(tail);
  for (let index = 0; index < 4096; index += 1) map.set(textOf(index), index);
  const sizes = map.nextPart(1).map(({ size }) => size);
  expect(sizes).toHaveLength(256);
  expect(Math.max(...sizes)).toBeLessThan(64);
});

test('looks only at the end of a text', () => {
  const map = new ShardedMap<number>(2);
  for (let index = 0; index < 500; index += 1) map.set(`${index} same`, index);
  expect(
    map
      .nextPart(1)
      .map(({ size }) => size)
      .filter((size) => size > 0),
  ).toEqual([500]);
});

test('takes short texts, too', () => {
  const map = new ShardedMap<number>(4);
  map.set('', 1);
  map.set('a', 2);
  expect([map.get(''), map.get('a'), map.get('b')]).toEqual([1, 2, undefined]);
});
