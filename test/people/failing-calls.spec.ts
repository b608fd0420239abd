import { setTimeout as passed } from 'node:timers/promises';
import { sessionKey } from '../../src/express-session/session-key.js';
import { stopApps } from '../support/app.js';
import { FAILURES, type Fault, TIMEOUT } from './support/faulty-parts.js';
import { Browser, World } from './support/faulty-world.js';
import { type Scenario, SCENARIOS } from './support/scenarios.js';

afterAll(stopApps);

/** Who was signed in before the act, and with which cookie. */
type Before = ReadonlyMap<Browser, { readonly cookie: string | undefined; readonly isSignedIn: boolean }>;

/** What came of a scenario in which something may have failed. */
interface Outcome {
  readonly scenario: Scenario;
  readonly world: World;
  readonly before: Before;
  readonly fault: Fault | undefined;
  readonly status: number;
}

/** Runs a scenario with at most one fault. */
async function run(scenario: Scenario, isShared: boolean, fault?: Fault): Promise<Outcome> {
  const world = await World.start(isShared, scenario.options);
  const act = await scenario.prepare(world);
  const before = new Map(
    world.browsers.map((browser) => [browser, { cookie: browser.cookie, isSignedIn: browser.isAlive }]),
  );
  world.faults.arm(fault);
  const answer = await act();
  await late(world, fault);
  world.faults.disarm();
  await passed(50);
  await world.retried();
  await world.sweep();
  // A session that another application has begun takes a place only when it is seen.
  for (const browser of world.browsers) await browser.isSignedIn();
  return { scenario, world, before, fault, status: answer?.status ?? 200 };
}

/** Late answers come. */
async function late({ faults }: World, fault: Fault | undefined): Promise<void> {
  if (fault?.how.includes('late')) await passed(faults.hit?.startsWith('store') ? 2400 : 5 * TIMEOUT);
}

/** The rules that have been broken. */
async function brokenRules(outcome: Outcome): Promise<string[]> {
  return [...answered(outcome), ...(await listed(outcome)), ...toldOnce(outcome), ...rowsAreGone(outcome)];
}

/** No fault of a part is answered as an error of the application. */
function answered({ world, status, fault }: Outcome): string[] {
  if (status < 500 || (fault && status === 503)) return [];
  // An error that the store gives to the handler is the business of the handler.
  return world.faults.failed.has('store.destroy') ? [] : [`answer ${status}`];
}

/** The list contains the sessions that work, and no others. Nobody loses a session to a sign-in that has failed. */
async function listed({ scenario, world, before, status }: Outcome): Promise<string[]> {
  const broken: string[] = [];
  const working: (string | undefined)[] = [];
  for (const browser of world.browsers) {
    const { cookie, isSignedIn } = before.get(browser) ?? {};
    const isMoved = cookie !== undefined && cookie !== browser.cookie;
    if (await browser.isSignedIn()) working.push(browser.key);
    else if (scenario.isSignIn && status >= 400 && isSignedIn && !isMoved)
      broken.push('somebody lost a session to a sign-in that failed');
    const earlier = new Browser(world, cookie);
    if (!isMoved || !(await earlier.isSignedIn())) continue;
    working.push(earlier.key);
    if (status < 400) broken.push('the cookie of before still works');
  }
  const names = (await world.other.service.list('alice')).map(({ id }) => id);
  if (working.some((key) => !names.includes(key as string))) broken.push('a session works that is not listed');
  if (names.some((key) => !working.includes(key))) broken.push('a session is listed that nobody has');
  if (status < 400 && working.length !== scenario.left) broken.push(`${working.length} sessions are left`);
  return broken;
}

/** Each start and each end is told once, and no end of a session that has not begun. */
function toldOnce({ world: { events } }: Outcome): string[] {
  const starts = events.filter(({ type }) => type === 'started').map(({ session }) => session);
  const ends = events.filter(({ type }) => type !== 'started').map(({ session }) => session);
  const isTwice = [starts, ends].some((told) => new Set(told).size < told.length);
  const isUnknown = ends.some((session) => !starts.includes(session));
  return [...(isTwice ? ['told twice'] : []), ...(isUnknown ? ['an end is told without a start'] : [])];
}

/** No row is left of a session that has ended, unless the store writes it after it was given up. */
function rowsAreGone({ world: { rows, ledger, faults }, fault }: Outcome): string[] {
  if (faults.hit === 'store.set' && fault?.how === 'acts too late') return [];
  const left = Object.keys(rows).filter((id) => ledger.read(sessionKey(id))?.state === 'ended');
  return left.map(() => 'the row of an ended session is left');
}

describe.each([
  ['in memory', false],
  ['shared', true],
])('whichever call fails, nobody loses or gets a session by it; with a ledger %s', (_kind, isShared) => {
  test.concurrent.each(Object.entries(SCENARIOS))(
    '%s',
    async (_name, scenario) => {
      const outcome = await run(scenario, isShared);
      expect(await brokenRules(outcome)).toEqual([]);
      await outcome.world.stop();
      const calls = outcome.world.faults.calls.length;
      const faults = FAILURES.flatMap((how) => Array.from({ length: calls }, (_, at): Fault => ({ at, how })));
      const found = await Promise.all(
        faults.map(async (fault) => {
          const failed = await run(scenario, isShared, fault);
          const broken = await brokenRules(failed);
          await failed.world.stop();
          return broken.map((rule) => `${failed.world.faults.hit} (${fault.at}) ${fault.how}: ${rule}`);
        }),
      );
      expect(found.flat()).toEqual([]);
    },
    180_000,
  );
});
