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

// A handler that keeps the session in a variable saves it again under the old id while the move is under way.
const EXPOSED = 'the row is written under the planted id';
// Each save that begins before the first one is done is judged with the user of before.
const TWICE = 'it is moved, or begun, twice';
// The move is looked for when the answer ends, and headers are out then: the session is ended.
const CUT = 'the victim is signed out at once';

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
      const fault = faultOf(signIn, planter, slow);
      if (fault) {
        test.failing(`by ${signIn.name} signs in the victim, and nobody else (${fault})`, () => check(signIn, planter));
        if (fault !== EXPOSED) test(`by ${signIn.name} signs in nobody else`, () => checkSafety(signIn, planter));
      } else {
        test(`by ${signIn.name} signs in the victim, and nobody else`, () => check(signIn, planter));
      }
    }
  });
});

/** What is wrong today, if anything. */
function faultOf({ name }: SignIn, { isRow, self }: Planter, slow: readonly Slow[]): string | undefined {
  if (!isRow) return undefined;
  switch (name) {
    case 'a handler that signs in and then streams':
    case 'an event stream':
      return CUT;
    case 'a handler that saves and redirects at once':
    case 'a handler that saves twice at once':
      return TWICE;
    case 'a handler that saves and does not wait':
      return self === null ? undefined : TWICE;
    case 'a handler that keeps the session and saves it twice at once':
      return slow.includes('ledger') ? undefined : EXPOSED;
    default:
      return undefined;
  }
}
