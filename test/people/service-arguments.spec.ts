import type { Request } from 'express';
import { startApp, stopApps, type TestApp } from '../support/app.js';

afterEach(stopApps);

/** Neither a request nor a text, or a text that names nobody. */
const ODD: readonly unknown[] = [undefined, null, 42, '', true, {}, [], { id: 1 }, Symbol('some'), 7n, () => 'alice'];
/** An object may be a request that has no session. */
const NO_OBJECT = ODD.filter((odd) => typeof odd !== 'object' || odd === null || Array.isArray(odd));
/** All but the first, which means that it was left out. */
const GIVEN = ODD.slice(1);

type Call = (service: TestApp['service'], odd: never) => unknown;

const calls: readonly (readonly [string, readonly unknown[], Call])[] = [
  ['status() takes a request', NO_OBJECT, (service, odd) => service.status(odd)],
  ['touch() takes a request', NO_OBJECT, (service, odd) => service.touch(odd)],
  ['renew() takes a request', NO_OBJECT, (service, odd) => service.renew(odd)],
  ['isFresh() takes a request', NO_OBJECT, (service, odd) => service.isFresh(odd, '5m')],
  ['hashOf() takes a request', NO_OBJECT, (service, odd) => service.hashOf(odd)],
  ['onEnd() takes a request', NO_OBJECT, (service, odd) => service.onEnd(odd, () => {})],
  ['list() takes a request or the id of a user as text', ODD, (service, odd) => service.list(odd)],
  ['endAll() takes a request or the id of a user as text', ODD, (service, odd) => service.endAll(odd)],
  ['end() takes a request or the hash of a session', ODD, (service, odd) => service.end(odd)],
  [
    'endAll(): the option "except" takes a request or the hash of a session',
    GIVEN,
    (service, except) => service.endAll('alice', { except }),
  ],
  [
    'endAll() takes options like { except: req }',
    [null, 42, 'hash', { headers: {} }],
    (service, odd) => service.endAll('alice', odd),
  ],
  [
    'onEnd() takes a function',
    [undefined, null, 'stop'],
    (service, odd) => service.onEnd({ headers: {} } as Request, odd),
  ],
];

test.each(calls)('"%s" says what the method takes, and no session ends', async (message, values, call) => {
  const { service, signedIn } = await startApp();
  await signedIn();
  for (const odd of values) {
    const calling = async () => call(service, odd as never);
    await expect(calling()).rejects.toThrow(TypeError);
    await expect(calling()).rejects.toThrow(message);
  }
  expect(await service.list('alice')).toHaveLength(1);
});

test('a message shows no contents of an object', async () => {
  const { service } = await startApp();
  await expect(service.list({ password: 'secret' } as never)).rejects.toThrow('not an object (Object).');
});
