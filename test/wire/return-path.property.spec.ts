import fc from 'fast-check';
import { safeReturnTo } from '../../src/wire/return-path.js';

const HERE = 'https://here.example';

describe('safeReturnTo()', () => {
  test('a browser stays on this site, even after the path is parsed again', () => {
    const pieces = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2F',
      '\t',
      '\n',
      '?',
      '#',
      ':',
      '@',
      'evil.example',
      'a',
    );
    const paths = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((some) => `/${some.join('')}`),
    );
    fc.assert(
      fc.property(paths, (path) => {
        const safe = new URL(safeReturnTo(path, '/'), HERE);
        expect(safe.origin).toBe(HERE);
        expect(new URL(safe.pathname, HERE).origin).toBe(HERE);
      }),
      { numRuns: 2000 },
    );
  });
});
