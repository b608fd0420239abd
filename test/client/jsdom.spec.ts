/** @jest-environment jsdom */
import { startSessionTimeout, unknownSnapshot } from '../../src/client/index.js';

test('the client does nothing in tests of a front end with jsdom, which has no performance timeline', () => {
  const client = startSessionTimeout();
  expect(client.snapshot()).toBe(unknownSnapshot);
  client.subscribe(() => undefined)();
  client.stop();
});
