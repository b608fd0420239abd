import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { root } from './support/pages.js';

const picture = readFileSync(`${root}docs/images/two-tabs.png`);

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  readonly isWhole: boolean;
}

/** The parts of a PNG, after its signature. */
function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at < png.length;) {
    const end = at + 8 + png.readUInt32BE(at);
    const isWhole = crc32(png.subarray(at + 4, end)) === png.readUInt32BE(end);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, end), isWhole });
    at = end + 4;
  }
  return chunks;
}

const chunks = chunksOf(picture);
const ofType = (...types: string[]) => chunks.filter(({ type }) => types.includes(type));

test('the moving picture is whole', () => {
  expect(chunks.filter(({ isWhole }) => !isWhole)).toEqual([]);
  expect(chunks.map(({ type }) => type)).toEqual(expect.arrayContaining(['IHDR', 'acTL', 'IDAT', 'IEND']));
  expect(chunks.at(-1)?.type).toBe('IEND');
});

test('its frames are in order', () => {
  const frames = ofType('fcTL');
  expect(frames.length).toBeGreaterThan(5);
  expect(ofType('acTL')[0]?.data.readUInt32BE(0)).toBe(frames.length);
  const numbers = ofType('fcTL', 'fdAT').map(({ data }) => data.readUInt32BE(0));
  expect(numbers).toEqual(numbers.map((_, i) => i));
});

test('it is small enough for a page', () => {
  expect(picture.length).toBeLessThan(600_000);
});
