import { jest } from '@jest/globals';
import { MemoryStore, type Store } from 'express-session';
import { SessionRows } from '../../../../src/enforcement/lifecycle/session-rows.js';
import { log } from '../../../../src/enforcement/timelines/events/log.js';
import { sessionKey } from '../../../../src/express-session/session-key.js';
import type { HttpSession } from '../../../../src/express-session/http-session.js';
import { takenStore } from '../../../../src/express-session/store/taken-store.js';
import type { Reason } from '../../../../src/index.js';

const TAKEN = Symbol.for('nestjs-session-timeout.store');

afterEach(() => {
  jest.restoreAllMocks();
});

/** The ends of sessions are told by calling `tell`. */
function start({ mode = 'enforce', shared = false } = {}) {
  let tell!: (key: string, reason: Reason, hasRequest: boolean) => void;
  const insisted: string[] = [];
  const endings = {
    insistOn: (name: string, work: () => Promise<boolean>) => {
      insisted.push(name);
      return work();
    },
  };
  const timelines = { ends: { listen: (listener: typeof tell) => void (tell = listener) } };
  const parts = [{ mode }, { shared }, endings, timelines] as unknown as ConstructorParameters<typeof SessionRows>;
  return { rows: new SessionRows(...parts), tell, insisted };
}

/** A session in a store that has been taken over, or in one that has not. */
function sessionIn(isTaken = true) {
  const deleted: string[] = [];
  const store = new MemoryStore() as Store;
  if (isTaken) Object.assign(store, { [TAKEN]: { delete: async (id: string) => void deleted.push(id) } });
  expect(takenStore(store as never) !== undefined).toBe(isTaken);
  return { session: { id: 'a', store } as unknown as HttpSession, deleted };
}

const KEY = sessionKey('a');

describe('the row of a session that ended without a request', () => {
  test('is deleted once', () => {
    const { rows, tell, insisted } = start();
    const { session, deleted } = sessionIn();
    rows.note(KEY, session);
    tell(KEY, 'idle', false);
    tell(KEY, 'idle', false);
    expect(deleted).toEqual(['a']);
    expect(insisted).toEqual([`row of ${KEY}`]);
  });

  test('is left to the request if there is one', () => {
    const { rows, tell } = start();
    const { session, deleted } = sessionIn();
    rows.note(KEY, session);
    tell(KEY, 'idle', true);
    tell(KEY, 'idle', false);
    expect(deleted).toEqual([]);
  });

  test.each<[Reason, string[]]>([
    ['idle', []],
    ['revoked', ['a']],
  ])('because it was %s is, in report mode, %j', (reason, expected) => {
    const { rows, tell } = start({ mode: 'report' });
    const { session, deleted } = sessionIn();
    rows.note(KEY, session);
    tell(KEY, reason, false);
    expect(deleted).toEqual(expected);
  });

  test('is not known with a shared ledger, and in a store that was not taken over', () => {
    const shared = start({ shared: true });
    const first = sessionIn();
    shared.rows.note(KEY, first.session);
    shared.tell(KEY, 'idle', false);
    const plain = start();
    const second = sessionIn(false);
    plain.rows.note(KEY, second.session);
    plain.tell(KEY, 'idle', false);
    expect([first.deleted, second.deleted]).toEqual([[], []]);
    expect([...shared.insisted, ...plain.insisted]).toEqual([]);
  });

  test('is that which was noted first', () => {
    const { rows, tell } = start();
    const [first, second] = [sessionIn(), sessionIn()];
    rows.note(KEY, first.session);
    rows.note(KEY, second.session);
    tell(KEY, 'idle', false);
    expect([first.deleted, second.deleted]).toEqual([['a'], []]);
  });
});

describe('a row of the store of a request', () => {
  test('is deleted until that succeeds', async () => {
    const { rows, insisted } = start();
    const deleteRow = jest.fn(async () => undefined);
    await rows.delete({ deleteRow } as unknown as HttpSession, 'a');
    expect(deleteRow).toHaveBeenCalledWith('a');
    expect(insisted).toEqual([`row of ${KEY}`]);
  });

  test('may stay for a while: the session has ended anyway', async () => {
    const warn = jest.spyOn(log, 'warn').mockImplementation(() => {});
    const error = new Error('down');
    const deleteRow = () => Promise.reject(error);
    await start().rows.delete({ deleteRow } as unknown as HttpSession, 'a');
    expect(warn).toHaveBeenCalledWith('The row of an ended session could not be deleted', error);
  });
});
