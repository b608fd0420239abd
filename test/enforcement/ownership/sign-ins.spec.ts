import { stopApps } from '../../support/app.js';
import {
  expectNobodyElse,
  expectOneStart,
  expectVictim,
  type Planter,
  planters,
  play,
  type Slow,
  startWorld,
  type World,
} from './support/scene.js';
import { type SignIn, signIns } from './support/sign-ins.js';

afterAll(stopApps);

describe.each([
  ['with a store and a ledger that answer at once', [], planters],
  ['with a store that takes its time', ['store'], planters.filter(({ isRow }) => isRow)],
  ['with a store and a ledger that take their time', ['store', 'ledger'], planters],
] satisfies [string, Slow[], readonly Planter[]][])('a sign-in %s', (_name, slow: readonly Slow[], cookies) => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });

  const checkSafety = async (signIn: SignIn, planter: Planter) => {
    const played = await play(world, signIn, planter, { slow });
    expectNobodyElse(world, planter, played);
    return played;
  };
  const check = async (signIn: SignIn, planter: Planter) => {
    const played = await checkSafety(signIn, planter);
    expectVictim(signIn, planter, played);
    expectOneStart(world, signIn, planter, played);
  };

  describe.each(cookies)('over a cookie of $name', (planter) => {
    for (const signIn of signIns) {
      test(`by ${signIn.name} signs in the victim, and nobody else`, () => check(signIn, planter));
    }
  });
});
