import { storedDevice } from '../../../src/ledger/server/stored-device.js';

test('a stored device is read as it was', () => {
  expect(storedDevice('{"browser":"Firefox","system":"Linux"}')).toEqual({ browser: 'Firefox', system: 'Linux' });
});

test.each([undefined, null, '', '{', 'null', '"Firefox"', '7'])('what is no device counts as none: %j', (text) => {
  expect(storedDevice(text)).toBeUndefined();
});
