import { fairWeather, SECOND, Server, World } from '../support/world.js';

const IDLE = 60 * SECOND;

/** A page of a server that only reports which sessions it would end. */
async function reported() {
  const weather = { ...fairWeather };
  const world = new World(new Server(IDLE, 10 * IDLE, 20 * SECOND), weather);
  const { server } = world;
  server.reports = true;
  server.signIn();
  // Its answers have no `Server-Timing`.
  const tab = world.open({ timed: false });
  let hidden = 0;
  tab.onChange = () => (hidden += Number(tab.engine.snapshot().concealed));
  await world.run(SECOND);
  return { world, weather, server, tab, shown: () => ({ warnings: tab.warnings, hidden, left: tab.left }) };
}

const nothing = { warnings: 0, hidden: 0, left: undefined };

describe('report mode shows nothing', () => {
  test('past both limits', async () => {
    const { world, tab, shown } = await reported();
    await world.run(20 * IDLE);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'active', expiresIn: null, expiresAt: null, limit: null });
    expect(shown()).toEqual(nothing);
  });

  test('when somebody signs out elsewhere: the page is one that nobody is signed in to', async () => {
    const { world, server, tab, shown } = await reported();
    server.end('anonymous');
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'anonymous', concealed: false });
    expect(shown()).toEqual(nothing);
  });

  test('when somebody else has signed in', async () => {
    const { world, server, tab, shown } = await reported();
    server.signIn('second');
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'active', session: 'second' });
    expect(shown()).toEqual(nothing);
  });

  test('when another tab tells of another session', async () => {
    const { world, server, tab, shown } = await reported();
    server.signIn('second');
    world.open({ timed: false });
    await world.run(SECOND);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'active', session: 'second' });
    expect(shown()).toEqual(nothing);
  });

  test('when the machine has slept, and when the server does not answer', async () => {
    const { world, weather, shown } = await reported();
    world.sleep(2 * IDLE);
    weather.loses = () => 'there';
    await world.run(2 * IDLE);
    expect(shown()).toEqual(nothing);
  });
});

describe('report mode', () => {
  test('reports the activity of a page that sends no other requests', async () => {
    const { world, server, tab } = await reported();
    for (let second = 0; second < 600; second += 1) {
      tab.move();
      await world.run(SECOND);
      expect(world.now - server.lastAt).toBeLessThan(IDLE / 4);
    }
    expect(server.pings.length).toBeLessThan(120);
  });

  test('asks no more than once while nobody is active', async () => {
    const { world, server } = await reported();
    await world.run(10 * IDLE);
    expect(server.pings).toHaveLength(1);
  });

  test('can be switched off and on: the page follows with the next answer', async () => {
    const { world, server, tab } = await reported();
    server.reports = false;
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.engine.snapshot().expiresIn).not.toBeNull();
    server.reports = true;
    await world.run(2 * IDLE);
    expect(tab.engine.snapshot()).toMatchObject({ state: 'active', expiresIn: null });
    server.reports = false;
    server.end('idle');
    tab.engine.look();
    await world.run(SECOND);
    expect(tab.left).toBe('idle');
  });
});
