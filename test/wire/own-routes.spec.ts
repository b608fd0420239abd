import { MetadataScanner } from '@nestjs/core';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { isOwnRoute } from '../../src/wire/own-routes.js';
import { pingController } from '../../src/ping/ping.controller.js';

const { prototype } = pingController('session');
const routes = new MetadataScanner()
  .getAllMethodNames(prototype)
  .map((name) => Reflect.getMetadata(PATH_METADATA, prototype[name]) as string)
  .filter((route) => route !== 'signed-in');

describe('the routes of this package', () => {
  test('are all there', () => {
    expect(routes.length).toBeGreaterThan(7);
  });

  test.each(routes)('%s is known, wherever it is mounted', (route) => {
    const path = `session/${route.replace(/:\w+/, 'some')}`;
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
