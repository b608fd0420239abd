import { SECOND, Server, type Weather, World } from '../support/world.js';

const IDLE = 60 * SECOND;
const WARN = 20 * SECOND;

/** A machine with some tabs of a user who has just signed in. */
async function signedIn({
  tabs = 1,
  absolute = 3600 * SECOND,
  weather,
}: { tabs?: number; absolute?: number; weather?: Weather } = {}) {
  const world = new World(new Server(IDLE, absolute, WARN), weather);
  world.server.signIn();
  for (let count = 0; count < tabs; count++) world.open();
  await world.run(SECOND);
  const [first, second] = world.tabs;
  return { world, server: world.server, tab: first!, other: second! };
}

describe('a page nobody is signed in to', () => {
  test('stays as it is and asks once', async () => {
    const world = new World(new Server(IDLE, IDLE, WARN));
    world.server.end('anonymous');
    const tab = world.open({ timed: false });
    await world.run(10 * IDLE);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'anonymous', concealed: false });
    expect(tab.left).toBeUndefined();
    expect(world.server.pings).toHaveLength(1);
  });

  test('wakes up when another tab tells of a session', async () => {
    const world = new World(new Server(IDLE, IDLE, WARN));
    world.server.end('anonymous');
    const tab = world.open({ timed: false });
    await world.run(SECOND);
    world.server.signIn();
    world.open();
    await world.run(SECOND);
    expect(tab.engine.snapshot().state).toBe('active');
  });

  test('is left if it belonged to a session before', async () => {
    const { world, server, tab } = await signedIn();
    server.end('anonymous');
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.left).toBe('signed-out');
  });
});

describe('a session that has ended', () => {
  test.each(['idle', 'absolute', 'revoked', 'signed-out', 'lost'])(
    'with the reason %s makes the page leave',
    async (reason) => {
      const { world, server, tab } = await signedIn();
      server.end(reason);
      tab.engine.look();
      await world.run(SECOND);
      expect(tab.left).toBe(reason);
    },
  );

  test.each([
    ['idle', 3600 * SECOND],
    ['absolute', IDLE],
  ])(
    'gets the reason %s from its own clock if the answer to another tab cleared the cookie',
    async (reason, absolute) => {
      const { world, server, tab } = await signedIn({ absolute });
      await world.run(server.deadline() - world.now);
      server.end('anonymous');
      await world.run(SECOND);
      expect(tab.left).toBe(reason);
    },
  );

  test('is told once to an application that keeps the page, whatever it does then', async () => {
    const world = new World(new Server(IDLE, 3600 * SECOND, WARN));
    world.server.signIn();
    const holds: (() => void)[] = [];
    const tab = world.open({
      onLeave: (leaving) => {
        holds.forEach((release) => release());
        leaving.engine.look();
      },
    });
    await world.run(SECOND);
    holds.push(tab.engine.hold('call'));
    world.server.end('revoked');
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.leaves).toBe(1);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'anonymous', concealed: false });
  });

  test('is over for a page that was kept: it is not left when somebody looks at it again, but after the next session', async () => {
    const world = new World(new Server(IDLE, 3600 * SECOND, WARN));
    world.server.signIn();
    const tab = world.open({ onLeave: () => undefined });
    await world.run(SECOND);
    world.server.end('idle');
    for (let looks = 0; looks < 3; looks++) {
      tab.engine.look();
      await world.run(5 * SECOND);
      expect(tab.engine.snapshot()).toMatchObject({ state: 'anonymous', concealed: false });
    }
    expect(tab.leaves).toBe(1);
    world.server.signIn('second');
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.engine.snapshot().state).toBe('active');
    world.server.end('revoked');
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.leaves).toBe(2);
  });

  test('makes one tab ask and all tabs leave', async () => {
    const { world, server } = await signedIn({ tabs: 20 });
    server.pings.length = 0;
    await world.run(IDLE + SECOND);
    expect(world.tabs.map(({ left }) => left)).toEqual(world.tabs.map(() => 'idle'));
    expect(server.pings.length).toBeLessThanOrEqual(3);
  });

  test('before the page was loaded concerns only pages that were not just fetched', async () => {
    const world = new World(new Server(IDLE, IDLE, WARN));
    world.server.end('idle');
    const fetched = world.open({ timed: false, fresh: true });
    const kept = world.open({ timed: false });
    await world.run(SECOND);
    expect(fetched.left).toBeUndefined();
    expect(fetched.engine.snapshot().state).toBe('anonymous');
    expect(kept.left).toBe('idle');
  });
});

test('a page is left only once, even if a listener makes it ask again', async () => {
  const { world, server, tab } = await signedIn();
  tab.onChange = () => tab.engine.look();
  server.end('revoked');
  tab.engine.look();
  await world.run(SECOND);
  expect(tab).toMatchObject({ left: 'revoked', leaves: 1 });
});

describe('answers', () => {
  test('do not undo newer ones when they come late', async () => {
    const delays: [number, number][] = [
      [10, 10],
      [10, 3000],
      [10, 10],
    ];
    let asked = 0;
    const weather: Weather = { latency: () => delays[Math.min(asked++, 2)]!, loses: () => undefined };
    const { world, tab } = await signedIn({ weather });
    tab.engine.look();
    await world.run(100);
    tab.engine.stay();
    await world.run(500);
    const before = tab.engine.snapshot();
    await world.run(5 * SECOND);
    expect(tab.engine.snapshot()).toBe(before);
  });

  test('that do not come leave the page as it is until the end it knows of, and cover it then', async () => {
    let down = false;
    const weather: Weather = { latency: () => [10, 10], loses: () => (down ? 'there' : undefined) };
    const { world, tab } = await signedIn({ weather });
    down = true;
    await world.run(IDLE - 2 * SECOND);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'warning', concealed: false, unreachable: true });
    await world.run(2 * SECOND);
    expect(tab.engine.snapshot()).toMatchObject({ concealed: true });
    world.server.lastAt = world.now;
    down = false;
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'active', concealed: false, unreachable: false });
  });
});

describe('another sign-in', () => {
  test('covers the page at once, is confirmed by a second question, and then reloads the page', async () => {
    const { world, server, tab } = await signedIn();
    server.signIn('second');
    server.pings.length = 0;
    tab.engine.look();
    await world.run(45);
    expect(tab.engine.snapshot().concealed).toBe(true);
    expect(tab.left).toBeUndefined();
    await world.run(SECOND);
    expect(tab.left).toBe('other');
    expect(server.pings).toHaveLength(2);
  });

  test("does not get the old user's activity", async () => {
    const { world, server, tab } = await signedIn();
    await world.run(10 * SECOND);
    tab.move();
    server.signIn('second');
    const before = server.lastAt;
    await world.run(30 * SECOND);
    expect(tab.left).toBe('other');
    expect(server.lastAt).toBe(before);
  });

  test.each([
    ['goes on as it was', 'first', undefined],
    ['is another one', 'second', 'other'],
  ])('after the server said `replaced`: a session that %s', async (_name, session, left) => {
    const { world, server, tab } = await signedIn();
    server.ended = 'replaced';
    tab.engine.look();
    await world.run(21);
    server.signIn(session);
    await world.run(SECOND);
    expect(tab.left).toBe(left);
    expect(tab.readable).toBe(left === undefined);
  });
});

describe('a warning', () => {
  test('can be answered in the same millisecond as an answer arrives, as some browsers blur their clocks', async () => {
    const { world, server, tab } = await signedIn({ weather: { latency: () => [0, 0], loses: () => undefined } });
    await world.run(IDLE - WARN - SECOND);
    tab.onChange = () => tab.engine.stay();
    await world.run(2 * SECOND);
    expect(tab.state).toBe('active');
    expect(server.pings.at(-1)).toMatchObject({ idleFor: 0 });
  });

  test('ends in all tabs when the server has confirmed the wish to stay', async () => {
    const { world, tab, other } = await signedIn({ tabs: 2 });
    await world.run(IDLE - WARN + SECOND);
    expect([tab.state, other.state]).toEqual(['warning', 'warning']);
    tab.engine.stay();
    expect(tab.engine.snapshot()).toMatchObject({ state: 'warning', stay: 'pending' });
    await world.run(SECOND);
    expect([tab.state, other.state]).toEqual(['active', 'active']);
    expect(tab.engine.snapshot().stay).toBe('idle');
  });

  test('goes on while the server does not answer, and shows that', async () => {
    let down = false;
    const weather: Weather = { latency: () => [10, 10], loses: () => (down ? 'there' : undefined) };
    const { world, tab } = await signedIn({ weather });
    await world.run(IDLE - WARN + SECOND);
    down = true;
    tab.engine.stay();
    await world.run(100);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'warning', stay: 'failed' });
    down = false;
    await world.run(5 * SECOND);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'active', stay: 'idle' });
  });

  test('is not ended by moves of the pointer or by `reportActivity()`', async () => {
    const { world, tab } = await signedIn();
    await world.run(IDLE - WARN + SECOND);
    tab.move();
    tab.engine.active();
    await world.run(SECOND);
    expect(tab.state).toBe('warning');
  });

  test('before the absolute limit does not ask the server, and the session ends on time', async () => {
    const { world, server, tab } = await signedIn({ absolute: 30 * SECOND });
    await world.run(10 * SECOND);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'warning', limit: 'absolute', extendable: false });
    const asked = server.pings.length;
    tab.engine.stay();
    expect(tab.engine.snapshot().stay).toBe('idle');
    expect(server.pings.length).toBe(asked);
    await world.run(20 * SECOND);
    expect(tab.left).toBe('absolute');
  });

  test('counts down in whole seconds, with the same snapshot in between', async () => {
    const { world, tab } = await signedIn();
    await world.run(IDLE - WARN + SECOND);
    const seen = new Set<unknown>();
    world.check = () => void seen.add(tab.engine.snapshot());
    await world.run(5 * SECOND);
    expect(seen.size).toBeLessThanOrEqual(6);
    expect(tab.engine.snapshot().expiresIn! % SECOND).toBe(0);
  });
});

describe('other tabs', () => {
  test('do not wait for a tab that froze while it asked', async () => {
    const { world, server, tab, other } = await signedIn({ tabs: 2 });
    world.asking = tab;
    tab.freeze(3600 * SECOND);
    for (let second = 0; second < 200; second += 5) {
      other.move();
      await world.run(5 * SECOND);
    }
    expect(server.ended).toBeUndefined();
    expect(other).toMatchObject({ left: undefined, warnings: 0 });
  });

  test('leave when the user signs out in one of them', async () => {
    const { world, tab, other } = await signedIn({ tabs: 2 });
    tab.engine.signOut();
    expect(tab.readable).toBe(false);
    await world.run(5);
    expect(other.readable).toBe(false);
    await world.run(SECOND);
    expect([tab.left, other.left]).toEqual(['signed-out', 'signed-out']);
  });

  test('sign out themselves when that tab does not reach the server', async () => {
    let down = false;
    const weather: Weather = { latency: () => [10, 10], loses: () => (down ? 'there' : undefined) };
    const { world, server, tab, other } = await signedIn({ tabs: 2, weather });
    down = true;
    tab.engine.signOut();
    tab.freeze(3600 * SECOND);
    down = false;
    await world.run(SECOND);
    expect(server.ended).toBeUndefined();
    expect(other).toMatchObject({ readable: false, left: undefined });
    await world.run(5 * SECOND);
    expect(server.ended).toBe('anonymous');
    expect(other.left).toBe('signed-out');
  });
});

test('a hold keeps a session going until it ends', async () => {
  const { world, server, tab } = await signedIn();
  const release = tab.engine.hold('a call');
  tab.engine.hold('an upload', { maxMs: 30 * SECOND });
  expect(tab.engine.snapshot().holds).toEqual(['a call', 'an upload']);
  await world.run(3 * IDLE);
  expect(tab).toMatchObject({ left: undefined, warnings: 0 });
  expect(tab.engine.snapshot().holds).toEqual(['a call']);
  release();
  await world.run(IDLE + SECOND);
  expect(tab.left).toBe('idle');
  expect(server.ended).toBe('idle');
});

test('the last activity is reported before the page is left', async () => {
  const { world, server, tab } = await signedIn();
  await world.run(SECOND);
  tab.move();
  const at = world.now;
  tab.engine.flush();
  await world.run(SECOND);
  expect(server.lastAt - at).toBeGreaterThanOrEqual(0);
  expect(server.lastAt - at).toBeLessThan(50);
});
