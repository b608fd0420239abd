import { stopApps } from '../../support/app.js';
import { Gate } from '../../support/gate.js';
import { sent } from '../../support/sent.js';
import { expectNobodyElse, type Planter, planters, play, slowPolls, startWorld, type World } from './support/scene.js';
import { type SignIn, signIns, VICTIM } from './support/sign-ins.js';

afterAll(stopApps);

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

/** The attacker sends a request before the victim signs in, and it saves its session afterwards. */
async function playLate(signIn: SignIn, planter: Planter, path: string) {
  slowPolls.gate = new Gate();
  let slow: ReturnType<typeof sent> | undefined;
  const plant = async () => {
    const cookie = (await planter.plant(world)) as string;
    slow = sent(world.request.post(path).set('cookie', cookie));
    await slowPolls.gate.hasArrived();
    return cookie;
  };
  const played = await play(world, signIn, { ...planter, plant });
  slowPolls.gate.open();
  const late = (await slow) as Awaited<ReturnType<typeof sent>>;
  const asked = world.request.get('/who');
  const victim = await (played.own === undefined ? asked : asked.set('cookie', played.own));
  const attacker = await world.request.get('/who').set('cookie', played.planted as string);
  return { played, late, victim, attacker };
}

describe.each(['/slow-save', '/slow-reload'])(
  'a request to %s that began before a sign-in, and ends after it',
  (path) => {
    describe.each(planters.filter(({ note, self }) => note !== undefined || self !== null))('of $name', (planter) => {
      // What a handler that keeps the session writes has tests of its own.
      test.each(signIns.filter(({ name }) => !name.includes('keeps the session')))(
        'is not served as whoever signed in by $name, and takes nothing from them',
        async (signIn) => {
          const { played, late, victim, attacker } = await playLate(signIn, planter, path);
          expectNobodyElse(world, planter, played);
          expect(late.body.user).not.toBe(VICTIM);
          expect(attacker.body.user).not.toBe(VICTIM);
          expect(late.headers).not.toHaveProperty('set-cookie');
          expect([victim.status, victim.body.user]).toEqual([played.victim.status, played.victim.body.user]);
        },
      );
    });
  },
);
