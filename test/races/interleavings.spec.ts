import { stopApps } from '../support/app.js';
import { type Doing, doings, EXPIRY } from './support/acts.js';
import { orders, race } from './support/race.js';
import { startWorld, type World } from './support/world.js';

afterAll(stopApps);

const pairsOf = (doings: readonly Doing[]) =>
  doings.flatMap((one, i) => doings.slice(i).map((other): [Doing, Doing] => [one, other]));

const OWNERS: [string, string | null][] = [
  ['a visitor', null],
  ['somebody who is signed in', 'alice'],
];

/** With a ledger that is shared, other calls come in another order. */
const SOME: readonly Doing[] = ['sign-in', 'destroy'];

describe.each([
  ['in memory', false, doings],
  ['that is shared', true, SOME],
])('over a ledger %s, in two requests at the same time', (_ledger, isShared, doings) => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld(isShared);
  });

  const pairs = pairsOf(doings).filter(([one]) => one !== EXPIRY);

  describe.each(OWNERS)('with the session of %s', (_whose, owner) => {
    test.each(pairs)('%s and %s keep to the rules in all orders', async (...pair) => {
      expect(await race(world, owner, pair)).toEqual([]);
    });
  });
});

test('thousands of orders were walked through', () => {
  if (process.env['RACE_SWITCHES']) process.stderr.write(`${orders.walked} orders\n`);
  expect(orders.walked).toBeGreaterThan(2500);
});
