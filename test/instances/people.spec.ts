import type { Request } from 'express';
import { type ActivityLedger, MemoryLedger, type SessionTimeoutOptions } from '../../src/index.js';
import { sessionKey } from '../../src/express-session/session-key.js';
import { monotonicClock } from '../../src/base/clock.js';
import { stopApps } from '../support/app.js';
import { Gate } from '../support/gate.js';
import { SharedLedger } from '../support/shared-ledger.js';
import { eventually, sleep } from './support/binaries.js';
import { gates, Person, ThreeInstances } from './support/people.js';
import { describeOverPostgres, describeOverRedis } from './support/shared-ledgers.js';

/** How long a test waits for a limit to pass, in milliseconds. */
const SHORT = 400;
/** Browsers say in a header when they idle out, so that the others have all the time they need. */
const limitsFor = (req: Request) => ({ idleTimeout: Number(req.get('x-idle') ?? 600_000), warnBefore: 100 });
const HASTY = { 'x-idle': String(SHORT) };

beforeEach(() => void (gates.slow = new Gate()));
afterEach(stopApps);

/** What three instances promise about the sessions of a user. `ledger` returns one more over the same records. */
function people(ledger: () => ActivityLedger): void {
  const start = (options?: SessionTimeoutOptions) => ThreeInstances.start(ledger, options);
  const signedIn = (three: ThreeInstances, index: number, user?: string) => new Person().signIn(three.at(index), user);

  describe('list and end', () => {
    test('a session of somebody else is answered like an unknown one, and lives', async () => {
      const three = await start();
      const bob = await signedIn(three, 0, 'bob');
      const alice = await signedIn(three, 1, 'alice');
      const [id] = await bob.ids(three.at(2));
      const theirs = await alice.delete(three.at(2), `/session/list/${id}`);
      const none = await alice.delete(three.at(2), '/session/list/unknown');
      expect([theirs.status, theirs.body]).toEqual([404, none.body]);
      expect(await bob.seen(three)).toEqual(['bob', 'bob', 'bob']);
    });

    test('a session is ended once, and is over on each instance', async () => {
      const three = await start();
      const phone = await signedIn(three, 0);
      const laptop = await signedIn(three, 1);
      const [, id] = await laptop.ids(three.at(2));
      expect((await laptop.delete(three.at(1), `/session/list/${id}`)).status).toBe(204);
      expect((await laptop.delete(three.at(2), `/session/list/${id}`)).status).toBe(404);
      expect(await phone.seen(three)).toEqual(['revoked', 'revoked', 'revoked']);
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
    });

    test('of those who end a session at the same time, one has ended it', async () => {
      const three = await start();
      await signedIn(three, 0);
      const laptop = await signedIn(three, 1);
      const [, id] = await laptop.ids(three.at(1));
      const answers = await Promise.all(three.all.map((app) => laptop.delete(app, `/session/list/${id}`)));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 404, 404]);
      expect(three.events.filter(({ type }) => type === 'ended')).toMatchObject([{ reason: 'revoked' }]);
    });

    test('neither the list nor an event contains the id of a session', async () => {
      const three = await start();
      const persons = [await signedIn(three, 0), await signedIn(three, 1)] as const;
      const { text } = await persons[0].get(three.at(2), '/session/list');
      for (const { cookie = '' } of persons) {
        const id = decodeURIComponent(cookie).replace(/^connect\.sid=s:([^.]*)\..*$/, '$1');
        expect(text).toContain(sessionKey(id));
        expect(text).not.toContain(id);
        expect(JSON.stringify(three.events)).not.toContain(id);
      }
    });

    test('a slow request does not bring a revoked session back by saving it', async () => {
      const three = await start();
      const phone = await signedIn(three, 0);
      const laptop = await signedIn(three, 1);
      const slow = phone.post(three.at(0), '/slow');
      await gates.slow.hasArrived();
      expect((await laptop.delete(three.at(1), '/session/list')).body).toEqual({ ended: 1 });
      const { cookie } = phone;
      gates.slow.open();
      await slow;
      phone.cookie = cookie;
      expect(await phone.seen(three)).toEqual(['revoked', 'revoked', 'revoked']);
    });

    test('a sign-in that ends after all sessions were ended lives', async () => {
      const three = await start();
      const phone = await signedIn(three, 0);
      const laptop = new Person();
      const signingIn = laptop.post(three.at(1), '/slow-login', { user: 'alice' });
      await gates.slow.hasArrived();
      expect(await three.at(2).service.endAll('alice')).toBe(1);
      gates.slow.open();
      expect((await signingIn).status).toBe(201);
      expect(await phone.seen(three)).toEqual(['revoked', 'revoked', 'revoked']);
      expect(await laptop.seen(three)).toEqual(['alice', 'alice', 'alice']);
    });

    test('a session that gets a new id has one entry, and one that changes its user moves', async () => {
      const three = await start();
      const person = await signedIn(three, 0);
      await person.post(three.at(1), '/renew');
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
      await person.post(three.at(2), '/become', { user: 'bob' });
      expect(await three.listed('alice')).toEqual([0, 0, 0]);
      expect(await three.listed('bob')).toEqual([1, 1, 1]);
    });

    test('sessions whose time is over are not listed, although nobody has swept', async () => {
      const three = await start({ limitsFor });
      await new Person(HASTY).signIn(three.at(0));
      await sleep(SHORT + 20);
      await signedIn(three, 1);
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
    });

    test('what expires while no instance runs has no place and no entry afterwards', async () => {
      const options = { limitsFor, maxSessions: 1, whenFull: 'refuse' } as const;
      await new Person(HASTY).signIn((await start(options)).at(0));
      await stopApps();
      await sleep(SHORT + 20);
      const three = await start(options);
      const person = await signedIn(three, 1);
      expect(await person.ids(three.at(2))).toHaveLength(1);
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
    });

    test('the current session is signed out on all instances', async () => {
      const three = await start();
      const person = await signedIn(three, 0);
      const { cookie } = person;
      const [id] = await person.ids(three.at(1));
      expect((await person.delete(three.at(2), `/session/list/${id}`)).status).toBe(204);
      expect(person.cookie).toBeUndefined();
      person.cookie = cookie;
      expect(await person.seen(three)).toEqual(['signed-out', 'signed-out', 'signed-out']);
    });

    test('a page of another site ends nothing', async () => {
      const three = await start();
      const person = await signedIn(three, 0);
      for (const app of three.all) {
        const request = app.request.delete('/session/list?current=true').set('Cookie', person.cookie as string);
        await request.set('Sec-Fetch-Site', 'cross-site').expect(403);
      }
      expect(await person.seen(three)).toEqual(['alice', 'alice', 'alice']);
    });

    test('after a change of the password, only the session of the request goes on', async () => {
      const three = await start();
      const others = [await signedIn(three, 0), await signedIn(three, 2)];
      const person = await signedIn(three, 1);
      expect((await person.post(three.at(1), '/password')).body).toEqual({ ended: 2 });
      expect(await person.seen(three)).toEqual(['alice', 'alice', 'alice']);
      for (const other of others) expect(await other.seen(three)).toEqual(['revoked', 'revoked', 'revoked']);
    });
  });

  describe('a limit of sessions', () => {
    test('of 50 sign-ins at the same time, exactly one is open', async () => {
      const three = await start({ maxSessions: 1 });
      const persons = await Promise.all(Array.from({ length: 50 }, (_, i) => signedIn(three, i)));
      const answers = await Promise.all(persons.map((person, i) => person.get(three.at(i + 1), '/me')));
      // Whoever lost the place before the sign-in was answered has got no cookie, and is nobody.
      const seen = answers.map(({ status, body }) => (status === 401 ? 'refused' : body.user));
      expect(seen.filter((who) => who === 'alice')).toHaveLength(1);
      expect(seen.filter((who) => who !== 'alice' && who !== 'refused' && who !== null)).toEqual([]);
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
      const ends = three.events.filter(({ type }) => type === 'ended');
      expect(ends.map(({ reason }) => reason)).toEqual(Array(49).fill('displaced'));
    });

    test('of 50 sign-ins at the same time, exactly one is let in where others are refused', async () => {
      const three = await start({ maxSessions: 1, whenFull: 'refuse' });
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => new Person().post(three.at(i), '/login', { user: 'alice' })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(49).fill(403)]);
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
    });

    test('holds while many sign in, all sessions are ended and instances sweep, and each end is told once', async () => {
      const three = await start({ maxSessions: 2, sweepInterval: 20 });
      await Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          if (i % 3 === 0) await three.at(i / 3).service.endAll('alice');
          else await signedIn(three, i);
        }),
      );
      const [count = 3] = await three.listed('alice');
      expect(count).toBeLessThanOrEqual(2);
      await three.at(1).service.endAll('alice');
      expect(await three.listed('alice')).toEqual([0, 0, 0]);
      const of = (wanted: string) =>
        three.events.flatMap((event) => (event.type === wanted && 'session' in event ? [event.session] : []));
      expect(of('ended').toSorted()).toEqual(of('started').toSorted());
    });

    test('a second sign-in ends only the first, which is told why on each instance', async () => {
      const three = await start({ maxSessions: 1 });
      const bob = await signedIn(three, 0, 'bob');
      const first = await signedIn(three, 0);
      const second = await signedIn(three, 1);
      expect(await first.seen(three)).toEqual(['displaced', 'displaced', 'displaced']);
      expect(await second.seen(three)).toEqual(['alice', 'alice', 'alice']);
      expect(await bob.seen(three)).toEqual(['bob', 'bob', 'bob']);
    });

    test('a session that gets new ids is counted once', async () => {
      const three = await start({ maxSessions: 2 });
      const other = await signedIn(three, 0);
      const person = await signedIn(three, 1);
      for (let i = 0; i < 3; i += 1) {
        expect((await person.post(three.at(i), '/renew', { restartLimits: i === 1 })).status).toBe(201);
      }
      expect(await other.seen(three)).toEqual(['alice', 'alice', 'alice']);
      expect(await person.seen(three)).toEqual(['alice', 'alice', 'alice']);
      expect(await three.listed('alice')).toEqual([2, 2, 2]);
    });

    test('a session that has idled out unseen is no reason to refuse, and its end is told once', async () => {
      const three = await start({ maxSessions: 1, whenFull: 'refuse', limitsFor });
      const first = await new Person(HASTY).signIn(three.at(0));
      await sleep(SHORT + 20);
      await signedIn(three, 1);
      expect(await first.seen(three)).toEqual(['idle', 'idle', 'idle']);
      expect(three.events.filter(({ type }) => type === 'expired')).toHaveLength(1);
    });

    test('the session that was idle for the longest time leaves, by activity on any instance', async () => {
      // Activity is written at once where limits differ.
      const three = await start({ maxSessions: 2, limitsFor: () => undefined });
      const first = await signedIn(three, 0);
      const second = await signedIn(three, 1);
      await sleep(20);
      await first.get(three.at(2), '/me');
      await signedIn(three, 1);
      expect(await first.seen(three)).toEqual(['alice', 'alice', 'alice']);
      expect(await second.seen(three)).toEqual(['displaced', 'displaced', 'displaced']);
    });

    test('activity that an instance has not written yet counts there', async () => {
      const three = await start({ maxSessions: 2, touchInterval: '10s' });
      const first = await signedIn(three, 0);
      const second = await signedIn(three, 1);
      await sleep(20);
      await first.get(three.at(2), '/me');
      await signedIn(three, 2);
      expect(await first.seen(three)).toEqual(['alice', 'alice', 'alice']);
      expect(await second.seen(three)).toEqual(['displaced', 'displaced', 'displaced']);
    });

    test('the oldest session leaves, whatever it does', async () => {
      const three = await start({ maxSessions: 2, whenFull: 'end-oldest', limitsFor: () => undefined });
      const first = await signedIn(three, 0);
      await sleep(20);
      const second = await signedIn(three, 1);
      await first.get(three.at(2), '/me');
      await signedIn(three, 1);
      expect(await first.seen(three)).toEqual(['displaced', 'displaced', 'displaced']);
      expect(await second.seen(three)).toEqual(['alice', 'alice', 'alice']);
    });

    test('a page that signs out because it was displaced leaves the other devices alone', async () => {
      const three = await start({ maxSessions: 1 });
      const first = await signedIn(three, 0);
      const second = await signedIn(three, 1);
      expect((await first.post(three.at(2), '/session/end')).status).toBe(204);
      expect(await second.seen(three)).toEqual(['alice', 'alice', 'alice']);
    });

    test('somebody else who signs in on a displaced browser gets nothing of the first', async () => {
      const three = await start({ maxSessions: 1 });
      const browser = await signedIn(three, 0);
      await browser.post(three.at(0), '/note', { note: 'of alice' });
      await signedIn(three, 1);
      await browser.signIn(three.at(2), 'bob');
      expect(await browser.seen(three)).toEqual(['bob', 'bob', 'bob']);
      expect(await three.listed('bob')).toEqual([1, 1, 1]);
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
    });
  });

  describe('an instance that dies while somebody signs in', () => {
    /** The first instance dies before it ends a session: no end of it reaches the ledger. */
    async function startDying(options: SessionTimeoutOptions, rest: SessionTimeoutOptions = options) {
      const dying = ledger();
      dying.end = () => new Promise<never>(() => undefined);
      const broken = await ThreeInstances.start(() => dying, { ...options, ledgerTimeout: 1000 });
      return { broken, three: await start(rest) };
    }

    test('leaves a session without a place, which the next sign-in ends', async () => {
      const { broken, three } = await startDying({ maxSessions: 1 });
      const first = await signedIn(three, 0);
      const store = new Person();
      await store.post(broken.at(0), '/login', { user: 'alice' });
      await signedIn(three, 1);
      expect(await first.seen(three)).toEqual(['displaced', 'displaced', 'displaced']);
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
    });

    test('leaves a session without a place, which the sweep ends', async () => {
      const { broken, three } = await startDying({ maxSessions: 1 }, { maxSessions: 1, sweepInterval: 50 });
      const first = await signedIn(three, 0);
      await new Person().post(broken.at(0), '/login', { user: 'alice' });
      const displaced = () => three.events.filter(({ reason }) => reason === 'displaced');
      await eventually(() => expect(displaced()).toHaveLength(1));
      expect(await first.seen(three)).toEqual(['displaced', 'displaced', 'displaced']);
    });

    test.each([1, false] as const)('hides no session from whoever ends all (maxSessions: %p)', async (maxSessions) => {
      const { broken, three } = await startDying({ maxSessions });
      const person = await signedIn(broken, 0);
      const { cookie } = person;
      expect((await person.post(broken.at(0), '/renew')).status).toBe(201);
      // The old id is still open, and the new one is, too.
      expect(await three.at(0).service.endAll('alice')).toBe(2);
      expect(await three.listed('alice')).toEqual([0, 0, 0]);
      expect(cookie).not.toBe(person.cookie);
    });
  });

  describe('a fresh proof', () => {
    const options: SessionTimeoutOptions = {
      authenticatedAt: (session) =>
        session['authTime'] === undefined ? undefined : new Date(session['authTime'] as number),
    };
    const vault = async (three: ThreeInstances, person: Person) => {
      const answers = await Promise.all(three.all.map((app) => person.get(app, '/vault')));
      return answers.map(({ status }) => status);
    };

    test('is not asked for on any instance after a sign-in', async () => {
      const three = await start(options);
      expect(await vault(three, await signedIn(three, 0))).toEqual([200, 200, 200]);
    });

    test('is asked of a remembered user on each instance, and counts on each once it is given', async () => {
      const three = await start(options);
      const person = new Person();
      await person.post(three.at(0), '/remembered', { user: 'alice' });
      expect(await vault(three, person)).toEqual([403, 403, 403]);
      await person.get(three.at(1), '/me');
      expect(await vault(three, person)).toEqual([403, 403, 403]);
      expect((await person.post(three.at(1), '/confirm')).status).toBe(201);
      expect(await vault(three, person)).toEqual([200, 200, 200]);
      expect(await three.listed('alice')).toEqual([1, 1, 1]);
    });

    test('stays fresh when an older request saves its session afterwards', async () => {
      const three = await start();
      const person = await signedIn(three, 0);
      const before = await three.at(2).service.list('alice');
      await sleep(SHORT);
      const slow = new Person();
      slow.cookie = person.cookie;
      const late = slow.post(three.at(0), '/slow');
      await gates.slow.hasArrived();
      expect((await person.post(three.at(1), '/renew', { restartLimits: false })).status).toBe(201);
      gates.slow.open();
      await late;
      const [after, ...more] = await three.at(2).service.list('alice');
      expect(more).toEqual([]);
      expect(after?.id).not.toBe(before[0]?.id);
      expect(after?.age).toBeGreaterThanOrEqual(SHORT - 50);
      expect(after?.authAge).toBeLessThan(after?.age as number);
      expect(await vault(three, person)).toEqual([200, 200, 200]);
    });

    test('of another user is theirs, and leaves the first user nothing', async () => {
      const three = await start(options);
      const person = new Person();
      await person.post(three.at(0), '/remembered', { user: 'alice' });
      const { cookie } = person;
      expect((await person.post(three.at(1), '/confirm', { as: 'bob' })).status).toBe(201);
      expect(await vault(three, person)).toEqual([200, 200, 200]);
      expect(await person.seen(three)).toEqual(['bob', 'bob', 'bob']);
      person.cookie = cookie;
      expect(await person.seen(three)).toEqual(['replaced', 'replaced', 'replaced']);
      expect(await three.listed('alice')).toEqual([0, 0, 0]);
    });
  });
}

describe("a user's sessions on three instances over one memory", () => {
  let shared: MemoryLedger;
  beforeEach(() => void (shared = new SharedLedger({ clock: monotonicClock })));

  /** Instances close what they are given, and a test stops some of them. */
  people(() => {
    const { users } = shared;
    return {
      shared: true,
      users,
      open: (key, opening) => shared.open(key, opening),
      read: (key) => shared.read(key),
      advance: (activities) => shared.advance(activities),
      end: (key, ending) => shared.end(key, ending),
    } satisfies ActivityLedger;
  });
});

describeOverRedis("a user's sessions on three instances", people);

describeOverPostgres("a user's sessions on three instances", people);
