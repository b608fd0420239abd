import { startSessionTimeout, unknownSnapshot } from '../../src/client/index.js';

test('on a server the client can be imported and started, and does nothing', () => {
  const client = startSessionTimeout();
  expect(client.snapshot()).toBe(unknownSnapshot);
  expect(client.snapshot()).toBe(client.snapshot());
  client.subscribe(() => undefined)();
  client.hold('upload')();
  client.stayActive();
  client.stop();
});
