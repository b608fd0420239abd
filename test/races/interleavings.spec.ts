import { MINUTE, stopApps } from '../support/app.js';
import type { RawAnswer } from '../support/raw-http.js';
import { type Doing, doings, EXPIRY } from './support/acts.js';
import { brokenRules } from './support/rules.js';
import { walk } from './support/scheduler.js';
import { cookieOf, startWorld, type World } from './support/world.js';

/** How often an order may take the turn from a request that could go on: `RACE_SWITCHES=3` walks through many more. */
const SWITCHES = Number(process.env['RACE_SWITCHES'] ?? 1);

let world: World;
let orders = 0;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(stopApps);

const pairs = doings.flatMap((one, i) => doings.slice(i).map((other): [Doing, Doing] => [one, other]));

/** Somebody comes with a session, and two requests do something with it at the same time. */
async function race(owner: string | null, pair: readonly Doing[]): Promise<string[]> {
  const broken = new Set<string>();
  const { scheduler, store, events, clock } = world;
  const { orders: walked, isWhole } = await walk(scheduler, SWITCHES, async (follow) => {
    store.sessions = Object.create(null) as Record<string, string>;
    const cookie = cookieOf(await world.ask('POST', `/enter/${owner ?? 'visitor'}`)) as string;
    events.length = 0;
    const answers: (RawAnswer | undefined)[] = [];
    let open = pair.length;
    const works = pair.map(async (doing, i) => {
      const actor = `${i + 1}:${doing}`;
      if (doing === EXPIRY) {
        await scheduler.as(actor, () => scheduler.turn('passes'));
        clock.advance(16 * MINUTE);
      } else answers[i] = await world.ask('POST', `/do/${doing}`, cookie, actor);
      open -= 1;
      scheduler.note();
    });
    const order = await follow(() => open === 0);
    await Promise.all(works);
    for (const rule of await brokenRules(world, { owner, cookie, doings: pair, answers })) {
      if (![...broken].some((known) => known.startsWith(rule))) broken.add(`${rule}: ${order.join(', ')}`);
    }
    store.writes.length = 0;
  });
  orders += walked;
  expect(isWhole).toBe(true);
  return [...broken];
}

describe.each([
  ['a visitor', null],
  ['somebody who is signed in', 'alice'],
])('in two requests with the session of %s, in each order', (_whose, owner) => {
  test.each(pairs.filter(([one]) => one !== EXPIRY))('%s and %s keep to the rules', async (...pair) => {
    expect(await race(owner, pair)).toEqual([]);
  });
});

test('thousands of orders were walked', () => {
  if (process.env['RACE_SWITCHES']) process.stderr.write(`${orders} orders\n`);
  expect(orders).toBeGreaterThan(3000);
});
