import { stopApps } from '../../support/app.js';
import { expectNoVictim, type Fails, planters, play, startWorld, type World } from './support/scene.js';
import { type SignIn, signIns, VICTIM } from './support/sign-ins.js';

afterAll(stopApps);

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

const AT_ONCE = 'a handler that keeps the session and saves it twice at once';
const IN_A_ROW = 'a handler that keeps the session and saves it twice';

/** These differ in who signs in, and not in what becomes of the session. */
const alike = /after our middleware|interceptor|filter|observable|a GET|a HEAD|assigns|JSON/;
const some = signIns.filter(({ name }) => !alike.test(name));
const cookies = planters.filter(({ note, self }) => note !== undefined || self !== null);

describe.each([
  ['the ledger cannot begin timelines', { ledger: 'open' }, [AT_ONCE]],
  ['the ledger cannot end sessions', { ledger: 'end' }, [AT_ONCE, IN_A_ROW]],
  ['the ledger cannot be read', { ledger: 'read' }, []],
  ['the store cannot write', { store: 'set' }, []],
  ['the store cannot delete', { store: 'destroy' }, [AT_ONCE]],
] satisfies [string, Fails, string[]][])('while %s, a sign-in', (_name, fails: Fails, faulty: string[]) => {
  describe.each(cookies)('over a cookie of $name', (planter) => {
    const check = async (signIn: SignIn) => {
      const played = await play(world, signIn, planter, { fails });
      expectNoVictim(world, played);
      for (const { status } of played.attacker) expect([200, 401, 503]).toContain(status);
      expect(played.victim.body.user === VICTIM ? played.own : undefined).not.toBe(played.planted ?? null);
    };

    test.each(some.filter(({ name }) => !faulty.includes(name)))('by $name signs in nobody else', check);

    // A session that its request has left is written under its old id as long as that has no tombstone
    // (store-writes.ts:37). As it never gets one here, the attacker is the victim for good.
    for (const signIn of some.filter(({ name }) => faulty.includes(name))) {
      test(`by ${signIn.name} signs in nobody else`, () => check(signIn));
    }
  });
});
