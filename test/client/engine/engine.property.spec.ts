import fc from 'fast-check';
import { fairWeather, SECOND, Server, type Weather, World } from '../support/world.js';

const IDLE = 60 * SECOND;
const WARN = 20 * SECOND;
const HOUR = 3600 * SECOND;

/** What may happen to a machine with some tabs. */
const happening = fc.oneof(
  fc.record({ what: fc.constant('wait' as const), for: fc.integer({ min: 1, max: 30 * SECOND }) }),
  fc.record({ what: fc.constant('move' as const), tab: fc.nat(2) }),
  fc.record({ what: fc.constant('stay' as const), tab: fc.nat(2) }),
  fc.record({ what: fc.constant('look' as const), tab: fc.nat(2) }),
  fc.record({ what: fc.constant('flush' as const), tab: fc.nat(2) }),
  fc.record({ what: fc.constant('freeze' as const), tab: fc.nat(2), for: fc.integer({ min: 1, max: 3 * IDLE }) }),
  fc.record({ what: fc.constant('sleep' as const), for: fc.integer({ min: 1, max: 3 * IDLE }), counted: fc.boolean() }),
  fc.record({ what: fc.constant('clock' as const), by: fc.integer({ min: -HOUR, max: HOUR }) }),
);
type What = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Answers come late, twice as late as the ones after them, or not at all. */
const badWeather = fc.record({
  latencies: fc.array(fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 2000 })), { minLength: 1 }),
  losses: fc.array(fc.constantFrom(undefined, undefined, 'there' as const, 'back' as const), { minLength: 1 }),
  alone: fc.boolean(),
});

function weatherOf({
  latencies,
  losses,
}: {
  latencies: [number, number][];
  losses: ('there' | 'back' | undefined)[];
}): Weather {
  let asked = 0;
  let lost = 0;
  return {
    latency: () => latencies[asked++ % latencies.length]!,
    loses() {
      const loss = losses[asked % losses.length];
      // Three in a row get through no more; a network that is gone for good is another test.
      lost = loss === undefined || lost === 2 ? 0 : lost + 1;
      return lost > 0 ? loss : undefined;
    },
  };
}

function happens(world: World, event: What): number {
  const tab = 'tab' in event ? world.tabs[event.tab % world.tabs.length] : undefined;
  switch (event.what) {
    case 'wait':
      return event.for;
    case 'move':
      tab?.move();
      return 100;
    case 'stay':
      tab?.whenAwake(() => tab.engine.stay());
      return 100;
    case 'look':
      tab?.whenAwake(() => tab.engine.look(1000));
      return 100;
    case 'flush':
      tab?.whenAwake(() => tab.engine.flush());
      return 100;
    case 'freeze':
      tab?.freeze(event.for);
      return 0;
    case 'sleep':
      world.sleep(event.for, event.counted);
      return event.for;
    case 'clock':
      // Set back before a tab has seen that it slept, a clock hides the sleep: no page can know. It asks.
      if (world.tabs.some(({ frozenUntil }) => frozenUntil >= world.now)) return 1000;
      world.wallOffset += event.by;
      return 1000;
  }
}

describe('in whatever order answers, messages and timers arrive', () => {
  test('an ended session can never be read', async () => {
    const property = fc.asyncProperty(
      fc.array(happening, { maxLength: 30 }),
      badWeather,
      fc.integer({ min: 1, max: 3 }),
      async (events, weather, tabs) => {
        const world = new World(new Server(IDLE, 4 * IDLE, WARN), weatherOf(weather));
        world.alone = weather.alone;
        world.server.signIn();
        for (let count = 0; count < tabs; count++) world.open();
        await world.run(10 * SECOND);

        world.check = () => {
          world.server.judge();
          // Clocks that part by less than 50 ms are taken to be rounding.
          if (world.now < world.server.endedAt + 60) return;
          for (const tab of world.tabs) {
            // It hides as soon as it runs: the beat after a sleep, the timer at the deadline.
            if (world.now > tab.frozenUntil + 500 && tab.readable) {
              throw new Error(`readable ${world.now - world.server.endedAt} ms after the end`);
            }
          }
        };
        for (const event of events) await world.run(happens(world, event));
        await world.run(5 * IDLE);
        for (const tab of world.tabs) expect(tab.left).toBeDefined();
      },
    );
    await fc.assert(property, { numRuns: 80 });
  });

  test('an active user is never signed out, warned or shown a covered page', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 100, max: 20 * SECOND })), { minLength: 5, maxLength: 40 }),
      badWeather,
      fc.integer({ min: 1, max: 3 }),
      async (moves, weather, tabs) => {
        const world = new World(new Server(IDLE, 24 * HOUR, WARN), weatherOf(weather));
        // A tab that hears nothing of the others has to ask for itself, and may warn when nobody answers.
        world.alone = weather.alone && tabs === 1;
        world.server.signIn();
        for (let count = 0; count < tabs; count++) world.open();
        for (const [tab, pause] of moves) {
          world.tabs[tab % tabs]!.move();
          await world.run(pause);
          for (const { left, warnings, readable } of world.tabs) {
            expect({ left, warnings, readable }).toEqual({ left: undefined, warnings: 0, readable: true });
          }
        }
        expect(world.server.ended).toBeUndefined();
      },
    );
    type Moves = [number, number][];
    const slow = (latency: [number, number]) => ({ latencies: [latency], losses: ['back' as const], alone: false });
    // The second tab gets its first answer late. Its user was active before, which no other tab has reported.
    const unanswered: Moves = [
      [0, 17177],
      [1, 17823],
      [0, 100],
      [0, 100],
      [0, 100],
      [0, 4700],
    ];
    // It gets it even later, when another tab already knows that a warning is due.
    const longUnanswered: Moves = [
      [0, 9739],
      [1, 18768],
      [1, 14470],
      [0, 100],
      [0, 100],
      [0, 100],
    ];
    await fc.assert(property, {
      numRuns: 80,
      examples: [
        [unanswered, slow([1213, 655]), 3],
        [longUnanswered, slow([1648, 1229]), 3],
      ],
    });
  });

  test('the number of questions does not grow with the number of tabs', async () => {
    const count = async (tabs: number, active: boolean): Promise<number> => {
      const world = new World(new Server(600 * SECOND, 24 * HOUR, 60 * SECOND), fairWeather);
      world.server.signIn();
      for (let opened = 0; opened < tabs; opened++) world.open({ hidden: opened > 0 });
      await world.run(5 * SECOND);
      world.server.pings.length = 0;
      for (let minute = 0; minute < 60; minute++) {
        if (active)
          for (let second = 0; second < 60; second += 5) {
            world.tabs[0]!.move();
            await world.run(5 * SECOND);
          }
        else await world.run(60 * SECOND);
      }
      return world.server.pings.length;
    };
    const active = [await count(1, true), await count(5, true), await count(20, true)];
    expect(Math.max(...active)).toBeLessThanOrEqual(60);
    const idle = [await count(1, false), await count(5, false), await count(20, false)];
    expect(Math.max(...idle)).toBeLessThanOrEqual(4);
  });
});
