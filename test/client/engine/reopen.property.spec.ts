import fc from 'fast-check';
import { fairWeather, SECOND, Server, type Tab, type Weather, World } from '../support/world.js';

const IDLE = 60 * SECOND;

const tab = fc.nat(2);

/** What may happen around pages that wait for alice. */
const happening = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('wait' as const), for: fc.integer({ min: 1, max: 40 * SECOND }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('sign in' as const), user: fc.constantFrom('alice', 'bob', undefined) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('end' as const),
      reason: fc.constantFrom('anonymous', 'signed-out', 'revoked', 'idle'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('reopen' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('look' as const), tab }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('sign out' as const), tab }) },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('freeze' as const), tab, for: fc.integer({ min: 1, max: 2 * IDLE }) }),
  },
);
type What = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const slowness = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 })), {
  minLength: 1,
});

/** Whose session was alive, and since when. */
class Owners {
  private readonly spans: { readonly user: string | undefined; readonly from: number; to: number }[] = [];

  constructor(private readonly world: World) {}

  change(user: string | undefined): void {
    this.close();
    this.spans.push({ user, from: this.world.now, to: Infinity });
  }

  close(): void {
    const last = this.spans.at(-1);
    if (last) last.to = Math.min(last.to, this.world.now);
  }

  /** Whether alice was signed in at any time since `from`. */
  hadAlice(from: number): boolean {
    return this.spans.some(({ user, to }) => user === 'alice' && to >= from);
  }
}

/** A machine with tabs whose session has ended, and which wait for alice. */
async function waiting(tabs: number, weather: Weather = fairWeather) {
  const world = new World(new Server(IDLE, 24 * 60 * IDLE, 20 * SECOND), weather);
  const owners = new Owners(world);
  let signIns = 0;
  const signIn = (user: string | undefined): void => {
    world.server.user = user;
    world.server.signIn(`session-${++signIns}`);
    owners.change(user);
  };
  signIn('alice');
  for (let count = 0; count < tabs; count++) world.open({ stays: true });
  await world.run(10 * SECOND);
  await world.run(2 * IDLE);
  owners.close();
  return { world, owners, signIn };
}

function reopen(tab: Tab): void {
  tab.whenAwake(() => tab.engine.snapshot().state === 'expired' && tab.reopen?.());
}

test('a page that waits comes back only if its user was signed in after it was reopened', async () => {
  let shown = 0;
  const property = fc.asyncProperty(
    fc.array(happening, { maxLength: 15 }),
    slowness,
    fc.integer({ min: 1, max: 3 }),
    async (events, latencies, tabs) => {
      let asked = 0;
      const weather = { ...fairWeather, latency: () => latencies[asked++ % latencies.length]! };
      const { world, owners, signIn } = await waiting(tabs, weather);
      const reopenedAt = new Map<Tab, number>();
      const wrong: string[] = [];
      for (const tab of world.tabs) {
        let wasReadable = tab.readable;
        expect(wasReadable).toBe(false);
        tab.onChange = () => {
          if (tab.readable && !wasReadable) {
            shown++;
            if (!owners.hadAlice(reopenedAt.get(tab) ?? Infinity)) wrong.push(`shown at ${world.now}`);
          }
          wasReadable = tab.readable;
        };
      }
      const tabOf = (event: What): Tab => world.tabs[('tab' in event ? event.tab : 0) % tabs]!;
      for (const event of events) {
        const tab = tabOf(event);
        if (event.what === 'sign in') signIn(event.user);
        if (event.what === 'end') {
          world.server.end(event.reason);
          owners.close();
        }
        if (event.what === 'reopen') {
          tab.whenAwake(() => {
            // A page that is shown goes on with what it knows.
            if (tab.engine.snapshot().state === 'expired') reopenedAt.set(tab, world.now);
            reopen(tab);
          });
        }
        if (event.what === 'look') tab.whenAwake(() => tab.engine.look());
        if (event.what === 'sign out') tab.whenAwake(() => tab.engine.signOut());
        if (event.what === 'freeze') tab.freeze(event.for);
        await world.run(event.what === 'wait' ? event.for : 100);
      }
      await world.run(IDLE / 2);
      expect(wrong).toEqual([]);
    },
  );
  // One history that brings a page back for certain: otherwise this test could pass without one.
  const back: What[] = [
    { what: 'sign in', user: 'alice' },
    { what: 'reopen', tab: 0 },
    { what: 'wait', for: 10 * SECOND },
  ];
  await fc.assert(property, { numRuns: 60, examples: [[back, [[20, 20]], 1]] });
  expect(shown).toBeGreaterThan(0);
});

describe('pages that wait', () => {
  const states = (world: World) => world.tabs.map((tab) => [tab.engine.snapshot().state, tab.readable, tab.left]);

  test('all come back when their user has signed in', async () => {
    const { world, signIn } = await waiting(3);
    expect(states(world)).toEqual(Array.from({ length: 3 }, () => ['expired', false, undefined]));
    signIn('alice');
    world.tabs.forEach(reopen);
    await world.run(5 * SECOND);
    expect(states(world)).toEqual(Array.from({ length: 3 }, () => ['active', true, undefined]));
  });

  test('go on waiting while nobody has', async () => {
    const { world } = await waiting(2);
    world.server.end('anonymous');
    world.tabs.forEach(reopen);
    await world.run(5 * SECOND);
    expect(states(world)).toEqual(Array.from({ length: 2 }, () => ['expired', false, undefined]));
    expect(world.tabs[0]!.engine.snapshot().reason).toBe('idle');
  });

  test.each(['bob', undefined])('are left when %s has signed in', async (user) => {
    const { world, signIn } = await waiting(2);
    signIn(user);
    world.tabs.forEach(reopen);
    await world.run(5 * SECOND);
    expect(world.tabs.map(({ left }) => left)).toEqual(['other', 'other']);
  });

  test.each(['revoked', 'displaced', 'signed-out'])('are left when a later session was %s', async (reason) => {
    const { world, signIn } = await waiting(2);
    signIn('alice');
    world.server.end(reason);
    world.tabs.forEach(reopen);
    await world.run(5 * SECOND);
    expect(world.tabs.map(({ left }) => left)).toEqual([reason, reason]);
  });

  test('can end and come back again', async () => {
    const { world, signIn } = await waiting(1);
    for (let round = 0; round < 3; round++) {
      signIn('alice');
      world.tabs.forEach(reopen);
      await world.run(5 * SECOND);
      expect(states(world)).toEqual([['active', true, undefined]]);
      await world.run(2 * IDLE);
      expect(states(world)).toEqual([['expired', false, undefined]]);
    }
  });

  test('stay hidden while the server does not answer', async () => {
    let isLost = false;
    const weather: Weather = { ...fairWeather, loses: () => (isLost ? 'back' : undefined) };
    const { world, signIn } = await waiting(1, weather);
    signIn('alice');
    isLost = true;
    world.tabs.forEach(reopen);
    await world.run(20 * SECOND);
    expect(world.tabs[0]!.readable).toBe(false);
    isLost = false;
    await world.run(30 * SECOND);
    expect(world.tabs[0]!.readable).toBe(true);
  });
});
