import { startSessionTimeout, unknownSnapshot } from '../../src/client/index.js';

test('the client can be imported and started on a server, and does nothing there', () => {
  const client = startSessionTimeout();
  expect(client.snapshot()).toBe(unknownSnapshot);
  expect(client.snapshot()).toBe(client.snapshot());
  client.subscribe(() => undefined)();
  client.hold('upload')();
  client.stayActive();
  client.stop();
});
