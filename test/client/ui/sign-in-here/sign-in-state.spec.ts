import fc from 'fast-check';
import { meaningOf, meaningOfMessage } from '../../../../src/client/ui/sign-in-here/sign-in-state.js';
import { isExpiry, reasons } from '../../../../src/policy/reason.js';
import type { PingReply } from '../../../../src/wire/ping-reply.js';
import { Server } from '../../support/world.js';

/** What a server may answer. */
const reply = fc.oneof(
  fc.constant(undefined),
  fc.constant({ state: 'anonymous', at: 0 }),
  fc.constantFrom(...reasons).map((reason) => ({ state: 'expired', reason, message: '', at: 0 })),
  fc.option(fc.constantFrom('alice', 'bob', ''), { nil: undefined }).map((user) => {
    const server = new Server(60_000, 60_000, 1000);
    server.user = user;
    return server.status();
  }),
) as fc.Arbitrary<PingReply | undefined>;

test('only an answer about a living session of the user is a reason to show the page', () => {
  const property = fc.property(reply, (reply) => {
    const isTheirs = reply !== undefined && 'session' in reply && reply.user === 'alice';
    expect(meaningOf(reply, 'alice') === 'same-user').toBe(isTheirs);
  });
  fc.assert(property);
});

test.each(reasons)('after the end `%s`, the page is kept only if a limit or lost data ended the session', (reason) => {
  const meaning = meaningOf({ state: 'expired', reason, message: '', at: 0 }, 'alice');
  expect(meaning).toBe(isExpiry(reason) ? 'nobody' : 'over');
});

test.each([
  ['a living session', { state: 'active' }, 'ask'],
  ['a session that is about to end', { state: 'warning' }, 'ask'],
  ['a sign-out that goes on', undefined, 'over'],
  ['a sign-out', { state: 'expired', reason: 'signed-out' as const }, 'over'],
  ['an end by the idle limit', { state: 'expired', reason: 'idle' as const }, undefined],
  ['nobody', { state: 'anonymous' }, undefined],
])('a message of another tab about %s', (_name, answer, meaning) => {
  expect(meaningOfMessage({ answer })).toBe(meaning);
});
