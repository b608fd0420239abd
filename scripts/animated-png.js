import { crc32 } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Puts pictures of one size together to an animated one (APNG), which is repeated for ever. Programs that know no
 * animations show the first picture.
 *
 * @param {readonly { png: Buffer, milliseconds: number }[]} frames the pictures, and how long each is shown
 * @returns {Buffer} a PNG
 */
export function animatedPng(frames) {
  const [first] = frames;
  const header = chunksOf(first.png).find(({ type }) => type === 'IHDR').data;
  const chunks = [chunk('IHDR', header), chunk('acTL', numbers(frames.length, 0))];
  let sequence = 0;

  for (const { png, milliseconds } of frames) {
    const parts = chunksOf(png);
    if (!parts.find(({ type }) => type === 'IHDR').data.equals(header)) throw new Error('The pictures differ in size.');
    const size = header.subarray(0, 8);
    const duration = Buffer.from([milliseconds >> 8, milliseconds & 255, 1000 >> 8, 1000 & 255, 0, 0]);
    chunks.push(chunk('fcTL', Buffer.concat([numbers(sequence++), size, numbers(0, 0), duration])));
    for (const { type, data } of parts) {
      if (type !== 'IDAT') continue;
      if (png === first.png) chunks.push(chunk('IDAT', data));
      else chunks.push(chunk('fdAT', Buffer.concat([numbers(sequence++), data])));
    }
  }
  return Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

/**
 * @param {Buffer} png
 * @returns {{ type: string, data: Buffer }[]}
 */
function chunksOf(png) {
  const chunks = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([numbers(data.length), named, numbers(crc32(named))]);
}

/** @param {number[]} values */
function numbers(...values) {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
}
