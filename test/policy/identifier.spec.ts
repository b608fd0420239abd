import fc from 'fast-check';
import { printable, problemOfId } from '../../src/policy/identifier.js';

test.each([
  ['a number', '4711'],
  ['nothing', ''],
  ['a hash', 'cVZ_mZ8yM7q5oTtLRn3rBHjqcWvM2gDq1zq-7aYwXyE'],
  ['an address', 'zoë.o\'hara+"test"@example.com'],
  ['a name', ' Zoë O’Hara-Łukasiewicz 山田 👩‍👩‍👧 '],
  ['a path of LDAP', 'CN=Ann\\, B,OU=Sales;DROP TABLE'],
  ['256 characters', 'x'.repeat(256)],
  ['256 characters of two units each', '🦊'.repeat(256)],
])('%s is usable', (_what, id) => {
  expect(problemOfId(id)).toBeUndefined();
});

test.each([
  ['a\u0000b', 'control character'],
  ['x\nSession y expired', 'control character'],
  ['x\r', 'control character'],
  ['\t', 'control character'],
  ['\u001b[31m', 'control character'],
  ['\u007f', 'control character'],
  ['\u0085', 'control character'],
  ['a\u2028b', 'control character'],
  ['\ud83e', 'lone surrogate'],
  ['a\udd8a', 'lone surrogate'],
  ['\udd8a\ud83e', 'lone surrogate'],
  ['x'.repeat(257), 'longer than 256'],
  ['🦊'.repeat(257), 'longer than 256'],
  ['x'.repeat(10_000_000), 'longer than 256'],
  [undefined, 'undefined'],
  [null, 'null'],
  [7, 'number'],
])('%j is not usable', (id, problem) => {
  expect(problemOfId(id)).toContain(problem);
});

test('property: a usable id comes back unchanged from UTF-8 and is one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 0xffff }), (text, unit) => {
      const id = text + String.fromCharCode(unit);
      if (problemOfId(id) !== undefined) return;
      expect(Buffer.from(id, 'utf8').toString('utf8')).toBe(id);
      expect(id).toMatch(/^.*$/);
      expect(id).not.toContain('\0');
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['only joiners of readable text are escaped', 'Zoë 山田 👩‍👩 "x"', 'Zoë 山田 👩\\u{200d}👩 "x"'],
  ['the end of a line', 'x\nSession y expired\r\u2028\u2029', 'x\\u{a}Session y expired\\u{d}\\u{2028}\\u{2029}'],
  ['the colours of a terminal', '\u001b[31m', '\\u{1b}[31m'],
  ['the direction of writing', 'a\u202eb', 'a\\u{202e}b'],
  ['half of a character', '\ud83e', '\\u{d83e}'],
])('in a log, %s', (_what, text, shown) => {
  expect(printable(text)).toBe(shown);
});
