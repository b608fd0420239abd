import { assertKey, assertUser } from '../../src/ledger/usable-id.js';

test.each([
  ['a line break', 'a\nb'],
  ['a line separator', 'a\u2028b'],
  ['a paragraph separator', 'a\u2029b'],
  ['a next line', 'a\u0085b'],
  ['what deletes', 'a\u007fb'],
  ['half of a character', 'a\ud800b'],
  ['a change of the direction', `\u202e${'a'.repeat(300)}`],
])('the error about an id with %s is one line of plain text', (_what, id) => {
  for (const refused of [() => assertKey(id), () => assertUser(id)]) {
    expect(refused).toThrow(/^[\x20-\x7e]+$/);
    expect(refused).toThrow(/^The (hash of a session|id of a user) /);
  }
});
