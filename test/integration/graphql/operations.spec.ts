import { ManualClock } from '../../../src/testing/index.js';
import { MINUTE, stopApps } from '../../support/app.js';
import { clearsCookie, setCookies } from '../../support/cookies.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { type GraphqlContext, ProfileResolver, startGraphql } from '../support/graphql.js';
import { timing } from '../../support/timing.js';

afterEach(stopApps);

test('an operation is judged once and counts as activity once, however many fields it has', async () => {
  const { ask, ledger, asked } = await startGraphql();
  const { body, headers } = await ask('{ me again: me profile { name nick } feed }').expect(200);
  expect(body).toEqual({
    data: { me: 'alice', again: 'alice', profile: { name: 'alice', nick: 'alice' }, feed: 'alice' },
  });
  expect(asked).toEqual(['alice']);
  expect(ledger.calls).toEqual({ open: 0, read: 1, advance: 1, end: 0 });
  expect(headers['server-timing']).toEqual(timing('active', 900_000));
});

test('an operation is judged once even if the ledger takes time', async () => {
  const clock = new ManualClock();
  const ledger = new CountingLedger(clock, async (answer) => answer);
  const { ask } = await startGraphql({ clock, options: { ledger } });
  ledger.reset();
  await ask('{ me again: me feed }').expect(200, { data: { me: 'alice', again: 'alice', feed: 'alice' } });
  expect(ledger.calls).toEqual({ open: 0, read: 1, advance: 1, end: 0 });
});

test('a resolver with @AllowExpired() answers an expired session as an anonymous one', async () => {
  const { ask, clock, store } = await startGraphql();
  clock.advance(15 * MINUTE);
  const answer = await ask('{ open status }').expect(200, { data: { open: null, status: 'expired' } });
  expect(answer.headers['server-timing']).toEqual(timing('expired-idle', 0));
  expect(clearsCookie(answer)).toBe(true);
  expect(store.sessions).toEqual({});
});

test('the error of a guard on a resolver is not changed', async () => {
  const { ask } = await startGraphql();
  const { body } = await ask('{ forbidden }').expect(200);
  expect(body.errors[0]).toMatchObject({ message: 'not for you', extensions: { code: 'UNAUTHENTICATED' } });
});

test('a mutation that signs in begins the timeline before its answer is sent', async () => {
  const { anybody, clock, ledger } = await startGraphql();
  const browser = anybody();
  const ask = (query: string) => browser.post('/graphql').send({ query });
  const answer = await ask('mutation { signIn }').expect(200, { data: { signIn: 'alice' } });
  expect(answer.headers['server-timing']).toEqual(timing('active', 900_000));
  expect(setCookies(answer)).toHaveLength(1);
  expect(ledger.calls.open).toBe(1);
  await ask('{ me }').expect(200, { data: { me: 'alice' } });

  clock.advance(15 * MINUTE);
  await ask('mutation { signIn }').expect(200, { data: { signIn: 'alice' } });
  await ask('{ me }').expect(200, { data: { me: 'alice' } });
  await ask('mutation { signOut }').expect(200, { data: { signOut: true } });
  await ask('{ me }').expect(200, { data: { me: null } });
});

test('a field of a passive resolver does not count as activity', async () => {
  const { ask, ledger, clock } = await startGraphql();
  clock.advance(10 * MINUTE);
  await ask('{ feed again: feed }').expect(200, { data: { feed: 'alice', again: 'alice' } });
  expect(ledger.calls.advance).toBe(0);
  clock.advance(5 * MINUTE);
  expect((await ask('{ feed }').expect(200)).body.data).toEqual({ feed: null });
});

test('an ended session reaches no resolver without @AllowExpired()', async () => {
  const { ask, clock, browser, events } = await startGraphql();
  clock.advance(15 * MINUTE);
  const answer = await ask('{ me again: me }').expect(200);
  expect(answer.body.data).toEqual({ me: null, again: null });
  expect(answer.headers).toMatchObject({
    'www-authenticate': 'Session error="expired", reason="idle"',
    'server-timing': timing('expired-idle', 0),
  });
  expect(clearsCookie(answer)).toBe(true);
  expect(setCookies(answer)).toHaveLength(1);
  expect(ProfileResolver.calls).toBe(0);
  expect(events.filter(({ type }) => type === 'expired')).toHaveLength(1);
  await browser.get('/me').expect(200, { user: null });
});

test('a field with @AllowExpired() answers beside one that refuses', async () => {
  const { ask, clock } = await startGraphql();
  clock.advance(15 * MINUTE);
  const { body } = await ask('{ open me }').expect(200);
  expect(body.data).toEqual({ open: null, me: null });
  expect(body.errors).toHaveLength(1);
  expect(body.errors[0].path).toEqual(['me']);
});

test('a GraphQL context of the application needs nothing but the request', async () => {
  const { ask, clock, ledger } = await startGraphql(
    {},
    { context: ({ req }: GraphqlContext) => ({ req, loaders: {} }) },
  );
  await ask('{ me }').expect(200, { data: { me: 'alice' } });
  expect(ledger.calls.advance).toBe(1);
  clock.advance(15 * MINUTE);
  expect((await ask('{ me }').expect(200)).body.data).toEqual({ me: null });
});
