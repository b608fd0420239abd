import fc from 'fast-check';
import { safeReturnTo } from '../../src/index.js';

const HERE = 'https://here.example';

describe('safeReturnTo()', () => {
  test.each([
    '/',
    '/me',
    '/orders?page=2#last',
    '/a//b',
    '/a/../b',
    '/päge/%2F',
    '/search?q=a\\b',
    '/x?next=//elsewhere',
  ])('accepts %s', (path) => {
    expect(safeReturnTo(path)).toBe(path);
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '\\/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\n/evil.example',
    '/..//evil.example',
    '/a/../..//evil.example',
    '/%2e%2e//evil.example',
    '/.//evil.example',
    '/a\\..\\..\\\\evil.example',
    '/\u0000/evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    'evil.example',
    ' //evil.example',
    ' /me',
    '',
    `/${'x'.repeat(2048)}`,
    undefined,
    null,
    7,
    ['/me'],
    { toString: () => '/me' },
  ])('returns the fallback for %j', (value) => {
    expect(safeReturnTo(value)).toBe('/');
    expect(safeReturnTo(value, '/home')).toBe('/home');
  });

  test('property: a browser stays on this site, even after the path is parsed again', () => {
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
