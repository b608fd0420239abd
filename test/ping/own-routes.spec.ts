import { MetadataScanner } from '@nestjs/core';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { pingController } from '../../src/ping/ping.controller.js';
import { isOwnRoute } from '../../src/wire/own-routes.js';

const { prototype } = pingController('session');
const routes = new MetadataScanner()
  .getAllMethodNames(prototype)
  .map((name) => Reflect.getMetadata(PATH_METADATA, prototype[name]) as string)
  .filter((route) => route !== 'signed-in');

test('the routes of this package are all there', () => {
  expect(routes.length).toBeGreaterThan(7);
});

test.each(routes)('%s is known as a route of this package', (route) => {
  expect(isOwnRoute(`/session/${route.replace(/:\w+/, 'some')}`, 'session')).toBe(true);
});
