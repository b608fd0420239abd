import { MINUTE } from '../../support/app.js';
import type { RawAnswer } from '../../support/raw-http.js';
import { type Doing, EXPIRY } from './acts.js';
import { brokenRules } from './rules.js';
import { walk } from './scheduler.js';
import { cookieOf, type World } from './world.js';

/** How often an order may take the turn from a request that could go on: `RACE_SWITCHES=2` walks through many more. */
const SWITCHES = Number(process.env['RACE_SWITCHES'] ?? 1);

/** How many orders were walked through. */
export const orders = { walked: 0 };

/**
 * Somebody comes with a session, and two requests do something with it at the same time, in all orders.
 *
 * @returns the rules that were broken, each with the order that has broken it
 */
export async function race(world: World, owner: string | null, pair: readonly Doing[]): Promise<string[]> {
  const { scheduler, store, events, clock } = world;
  const broken = new Map<string, string>();
  const walked = await walk(scheduler, SWITCHES, async (follow) => {
    store.sessions = Object.create(null) as Record<string, string>;
    const cookie = cookieOf(await world.ask('POST', `/enter/${owner ?? 'visitor'}`)) as string;
    events.length = 0;
    store.writes.length = 0;
    const answers: (RawAnswer | undefined)[] = [];
    let open = pair.length;
    const works = pair.map(async (doing, i) => {
      const actor = `${i + 1}:${doing}`;
      if (doing === EXPIRY) {
        await scheduler.as(actor, () => scheduler.turn('passes'));
        clock.advance(16 * MINUTE);
      } else {
        answers[i] = await world.ask('POST', `/do/${doing}`, cookie, actor);
      }
      open -= 1;
      scheduler.note();
    });
    const order = await follow(() => open === 0);
    await Promise.all(works);
    for (const rule of await brokenRules(world, { owner, cookie, doings: pair, answers })) {
      if (!broken.has(rule)) broken.set(rule, order.join(', '));
    }
  });
  expect(walked.isWhole).toBe(true);
  orders.walked += walked.orders;
  return [...broken].map(([rule, order]) => `${rule}: ${order}`);
}
