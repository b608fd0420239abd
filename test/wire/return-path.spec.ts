import { safeReturnTo } from '../../src/wire/return-path.js';

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
    `/${'x'.repeat(2047)}`,
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
});
