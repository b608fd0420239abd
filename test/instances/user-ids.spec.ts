import { type ActivityLedger, MemoryLedger } from '../../src/index.js';
import { monotonicClock } from '../../src/base/clock.js';
import { stopApps } from '../support/app.js';
import { SharedLedger } from '../support/shared-ledger.js';
import { Person, ThreeInstances } from './support/people.js';
import { describeOverPostgres, describeOverRedis } from './support/shared-ledgers.js';

afterEach(stopApps);

/** Each is the id of somebody else. Neighbours are easily taken for each other. */
const ids = [
  ['alice', 'Alice', 'ALICE', ' alice', 'alice ', 'al ice', 'аlice'],
  ['\u00e9', 'e\u0301', '\u00c9', '\u212b', '\u00c5', 'A\u030a', 'ß', 'ss', 'ı', 'i', 'İ', 'ﬁ', 'fi'],
  ['🦊', '🦊\ufe0f', '👩‍💻', '👩', '💻', 'a\u200db', 'a\u00adb', 'ab', '\u202eba', 'ab\u00a0'],
  ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'null', 'undefined', 'NaN', '[object Object]'],
  ['a:b', 'a::b', '{a}', '{a', 'a}b', '{u:a}', '{due:0}', 'a*', 'a?', '[a]', 'a%', 'a_', '%', '_', '*', '-', '.'],
  ["o'neil", 'o"neil', 'o\\neil', "';--", '$1', '$$', '?', '\\x00', '\\u0000', '\\', '/', '//', '0x0', '1e3', '1000'],
  ['007', '7', '٧', '7.0', '-7', '9007199254740993', 'x'.repeat(256), 'x'.repeat(255), '🦊'.repeat(256)],
].flat();

function userIds(ledger: () => ActivityLedger): void {
  test('each text is the id of one user only', async () => {
    const three = await ThreeInstances.start(ledger, { maxSessions: 1 });
    const persons: Person[] = [];
    for (const [index, id] of ids.entries()) persons.push(await new Person().signIn(three.at(index), id));
    for (const [index, id] of ids.entries()) {
      const { body } = await (persons[index] as Person).get(three.at(index + 1), '/me');
      expect(body).toEqual({ user: id });
      expect(await three.at(index + 2).service.list(id)).toHaveLength(1);
    }
    expect(three.events.filter(({ type }) => type !== 'started')).toEqual([]);
    const told = three.events.flatMap((event) => ('user' in event ? [event.user] : []));
    expect(told.toSorted()).toEqual(ids.toSorted());

    for (const [index, id] of ids.entries()) {
      expect(await three.at(index + 1).service.endAll(id)).toBe(1);
      expect(await three.at(index).service.list(id)).toEqual([]);
    }
    const ends = three.events.filter(({ type }) => type === 'ended');
    expect(ends.map((event) => ('user' in event ? String(event.user) : '')).toSorted()).toEqual(ids.toSorted());
  });

  test('a number is the id of the user that its text names', async () => {
    const identify = ({ user }: { user?: unknown }) =>
      user === undefined ? undefined : (BigInt(user as string) as never);
    const three = await ThreeInstances.start(ledger, { identify: identify as never });
    const person = await new Person().signIn(three.at(0), '9007199254740993');
    expect(await person.seen(three)).toEqual(Array(3).fill('9007199254740993'));
    expect(await three.listed('9007199254740993')).toEqual([1, 1, 1]);
    expect(await three.listed('9007199254740992')).toEqual([0, 0, 0]);
  });
}

describe('the ids of users on three instances over one memory', () => {
  let shared: MemoryLedger;
  beforeEach(() => void (shared = new SharedLedger({ clock: monotonicClock })));
  userIds(() => shared);
});

describeOverRedis('the ids of users on three instances', userIds);

describeOverPostgres('the ids of users on three instances', userIds);
