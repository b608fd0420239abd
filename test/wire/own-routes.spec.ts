import { isOwnRoute } from '../../src/wire/own-routes.js';

describe('the routes of this package', () => {
  test.each([
    'ping',
    'end',
    'client.js',
    'extras.js',
    'sign-in-here.js',
    'texts/de',
    'list',
    'list/some',
    'draft-key',
    'drafts.js',
  ])('contain %s, wherever it is mounted', (route) => {
    const path = `session/${route}`;
    expect(isOwnRoute(`/${path}`, 'session')).toBe(true);
    expect(isOwnRoute(`/api/${path}`, 'session')).toBe(true);
    expect(isOwnRoute(`/app/auth/${path}`, 'auth/session')).toBe(true);
    expect(isOwnRoute(`/${path}`, 'other')).toBe(false);
  });

  test.each([
    '/session/signed-in',
    '/session',
    '/session/',
    '/session/lists',
    '/list',
    '/mysession/list',
    '/session/list/5/edit',
  ])('%s is none of them', (path) => expect(isOwnRoute(path, 'session')).toBe(false));
});
