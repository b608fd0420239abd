import { SECOND, Server, type Weather, World } from './support/world.js';

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
  test('stays as it is, and asks once', async () => {
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

  test("leaves if it has been somebody's", async () => {
    const { world, server, tab } = await signedIn();
    server.end('anonymous');
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.left).toBe('lost');
  });
});

describe('a session that has ended', () => {
  test.each(['idle', 'absolute', 'revoked', 'signed-out', 'lost'])('as %s sends the page away', async (reason) => {
    const { world, server, tab } = await signedIn();
    server.end(reason);
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.left).toBe(reason);
  });

  test.each([
    ['idle', 3600 * SECOND],
    ['absolute', IDLE],
  ])('as %s is told so by its own clock where another tab took the cookie along', async (reason, absolute) => {
    const { world, server, tab } = await signedIn({ absolute });
    await world.run(server.deadline() - world.now);
    server.end('anonymous');
    await world.run(SECOND);
    expect(tab.left).toBe(reason);
  });

  test('one tab asks at the end, and all leave', async () => {
    const { world, server } = await signedIn({ tabs: 20 });
    server.pings.length = 0;
    await world.run(IDLE + SECOND);
    expect(world.tabs.map(({ left }) => left)).toEqual(world.tabs.map(() => 'idle'));
    expect(server.pings.length).toBeLessThanOrEqual(3);
  });

  test('before the page came is no news to a page that was just fetched, but to others it is', async () => {
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

test('whoever shows the session may make the page look again: it is left once', async () => {
  const { world, server, tab } = await signedIn();
  tab.onChange = () => tab.engine.look();
  server.end('revoked');
  tab.engine.look();
  await world.run(SECOND);
  expect(tab).toMatchObject({ left: 'revoked', leaves: 1 });
});

describe('answers', () => {
  test('that come late do not undo newer ones', async () => {
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

  test('that do not come keep a page up to the end it knows, and cover it then', async () => {
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
  test('covers the page at once, is asked about twice, and then the page is loaded anew', async () => {
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

  test("gets nothing of the old user's activity", async () => {
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
  ])('a session said to be replaced that %s', async (_name, session, left) => {
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
  test('can be answered in the very moment of an answer: some browsers blur their clocks', async () => {
    const { world, server, tab } = await signedIn({ weather: { latency: () => [0, 0], loses: () => undefined } });
    await world.run(IDLE - WARN - SECOND);
    tab.onChange = () => tab.engine.stay();
    await world.run(2 * SECOND);
    expect(tab.state).toBe('active');
    expect(server.pings.at(-1)).toMatchObject({ idleFor: 0 });
  });

  test('ends when the server has confirmed the wish to stay, in all tabs', async () => {
    const { world, tab, other } = await signedIn({ tabs: 2 });
    await world.run(IDLE - WARN + SECOND);
    expect([tab.state, other.state]).toEqual(['warning', 'warning']);
    tab.engine.stay();
    expect(tab.engine.snapshot()).toMatchObject({ state: 'warning', stay: 'pending' });
    await world.run(SECOND);
    expect([tab.state, other.state]).toEqual(['active', 'active']);
    expect(tab.engine.snapshot().stay).toBe('idle');
  });

  test('goes on while the server does not answer, and says so', async () => {
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

  test('is not ended by moves of the pointer, nor by what the page reports', async () => {
    const { world, tab } = await signedIn();
    await world.run(IDLE - WARN + SECOND);
    tab.move();
    tab.engine.active();
    await world.run(SECOND);
    expect(tab.state).toBe('warning');
  });

  test('before the absolute limit offers nothing, and ends on time whatever the user does', async () => {
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

  test('counts down in whole seconds, and is the same object in between', async () => {
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
  test('a tab that froze while it asked holds nobody up', async () => {
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

  test('leave when the user signs out in one', async () => {
    const { world, tab, other } = await signedIn({ tabs: 2 });
    tab.engine.signOut();
    expect(tab.readable).toBe(false);
    await world.run(5);
    expect(other.readable).toBe(false);
    await world.run(SECOND);
    expect([tab.left, other.left]).toEqual(['signed-out', 'signed-out']);
  });

  test('finish it when that tab does not get through', async () => {
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

test('a lease keeps a session going, up to its end', async () => {
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

test('what was done last is told before the page goes', async () => {
  const { world, server, tab } = await signedIn();
  await world.run(SECOND);
  tab.move();
  const at = world.now;
  tab.engine.flush();
  await world.run(SECOND);
  expect(server.lastAt - at).toBeGreaterThanOrEqual(0);
  expect(server.lastAt - at).toBeLessThan(50);
});
