import fc from 'fast-check';
import { readFileSync } from 'node:fs';

/**
 * How often a property is tried. `FUZZ_RUNS=5000` tries each that often, with other values each time; otherwise the
 * values are the same in each run. fast-check prints the seed and the path of what fails.
 */
export function runs<T extends unknown[]>(usual: number, examples: T[] = []): fc.Parameters<T> {
  const asked = Number(process.env['FUZZ_RUNS'] ?? 0);
  const numRuns = examples.length + (asked > 0 ? asked : usual);
  return asked > 0 ? { numRuns, examples } : { numRuns, examples, seed: 18 };
}

/** What was found to be hard, or was at fault once: it is tried first, and other values are made from it. */
export function corpus<T = string>(name: string): [T, ...T[]] {
  const text = readFileSync(new URL(`../corpus/${name}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as [T, ...T[]];
}

/** Parts that parsers stumble over. */
const TOKENS = corpus('tokens');

/** Text without halves of characters, which no URL can have. */
export function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** Texts of a corpus, changed in some places. */
export function changed(texts: [string, ...string[]]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom(...TOKENS),
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(...texts),
  );
  const change = fc.record({ at: fc.nat({ max: 1000 }), without: fc.nat({ max: 6 }), with: piece });
  return fc.tuple(fc.constantFrom(...texts), fc.array(change, { maxLength: 4 })).map(([text, changes]) =>
    changes.reduce((text, { at, without, with: piece }) => {
      const place = Math.floor((at / 1001) * (text.length + 1));
      return text.slice(0, place) + piece + text.slice(place + without);
    }, text),
  );
}
