import { stopApps } from '../../support/app.js';
import { HOUR } from '../../support/time.js';
import {
  askAndWrite,
  expectNobodyElse,
  expectOneStart,
  expectVictim,
  planters,
  play,
  startWorld,
  type World,
} from './support/scene.js';
import { signIns } from './support/sign-ins.js';

afterAll(stopApps);

const some = signIns.filter(({ name }) =>
  [
    'a handler that returns',
    'a handler that saves early and works on',
    'a handler that redirects when it has saved',
    'regenerate() and an early save',
    'renew()',
    'a handler that has begun to answer',
    'a router before our middleware that saves early',
    'passport that keeps the data',
  ].includes(name),
);
const cookies = planters.filter(({ note, self }) => note !== undefined || self !== null);

describe.each([
  { resave: true },
  { saveUninitialized: true },
  { resave: true, rolling: true, saveUninitialized: true },
  { rolling: true, cookie: { maxAge: HOUR } },
  { unset: 'destroy' as const },
])('a sign-in with %j', (session) => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld(session);
  });

  describe.each(cookies)('over a cookie of $name', (planter) => {
    test.each(some)('by $name signs in the victim, and nobody else', async (signIn) => {
      const played = await play(world, signIn, planter, { slow: ['store', 'ledger'] });
      expectNobodyElse(world, planter, played);
      expectVictim(signIn, planter, played);
      expectOneStart(world, signIn, planter, played);
    });

    test.each(some)('by $name signs in nobody else if the attacker changes the session meanwhile', async (signIn) => {
      const played = await play(world, signIn, planter, { slow: ['store', 'ledger'], asks: askAndWrite });
      expectNobodyElse(world, planter, played);
    });
  });
});
