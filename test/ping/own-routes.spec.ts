import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import { pingController } from '../../src/ping/ping.controller.js';
import { ownRoutes } from '../../src/wire/own-routes.js';

const { prototype } = pingController('session');

test('the controller answers exactly the routes that are known as those of this package', () => {
  const answered = new MetadataScanner().getAllMethodNames(prototype).map((name) => {
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, prototype[name])];
    return `${method} ${Reflect.getMetadata(PATH_METADATA, prototype[name])}`;
  });
  const known = ownRoutes.map(({ method, name }) => `${method.toUpperCase()} ${name}`);
  expect(answered.toSorted()).toEqual(known.toSorted());
});
