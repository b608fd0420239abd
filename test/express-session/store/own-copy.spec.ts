import type { Request } from 'express';
import { type SessionData, Store } from 'express-session';
import { carryBack, copyForRequest, copyForStore } from '../../../src/express-session/store/own-copy.js';

type Box = Record<string, unknown>;

/** All parts that hold other parts: if both have one of them, a change of one is a change of the other. */
function parts(value: unknown, found = new Set<unknown>()): Set<unknown> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  found.add(value);
  const items = value instanceof Map || value instanceof Set ? [...value].flat() : Object.values(value);
  for (const item of items) parts(item, found);
  return found;
}
const shared = (one: object, other: object) => [...parts(one)].filter((part) => parts(other).has(part));

class Money {
  constructor(readonly cents: number) {}
}

const money = new Money(5);
const rows: [string, () => Box, ...unknown[]][] = [
  ['values', () => ({ text: 'a', number: 1, nothing: null, yes: true, gap: undefined })],
  ['objects in objects', () => ({ box: { inner: { user: 'a' } } })],
  ['arrays', () => ({ list: [1, { a: [2] }, [3]], empty: [] })],
  ['dates', () => ({ at: new Date(5), list: [new Date(6)] })],
  ['maps and sets', () => ({ map: new Map([[{ k: 1 }, { v: 2 }]]), set: new Set([{ s: 1 }]) })],
  ['objects without a prototype', () => ({ bare: Object.assign(Object.create(null) as Box, { a: {} }) })],
  ['an own "__proto__"', () => JSON.parse('{"box":{"__proto__":{"user":"a"}},"__proto__":{"user":"b"}}') as Box],
];

describe.each([
  ['for a request', copyForRequest],
  ['for a store', copyForStore],
])('a copy %s', (_for, copy) => {
  test.each(rows)('has the same %s, and shares none of them', (_what, make) => {
    const row = make();
    const own = copy(row);
    expect(own).toEqual(make());
    expect(JSON.stringify(own)).toBe(JSON.stringify(row));
    expect(shared(own, row)).toEqual([]);
  });

  test('has the same objects of classes, functions and symbols, which cannot be copied', () => {
    const run = () => 1;
    const own = copy({ money, list: [money], run, box: { run } });
    expect(own.money).toBe(money);
    expect(own.list[0]).toBe(money);
    expect(own.box.run).toBe(run);
  });

  test('keeps objects that contain themselves, and objects that stand in two places', () => {
    const loop: Box = { name: 'loop' };
    loop['self'] = loop;
    const row: Box = { loop, one: loop, map: new Map() };
    const own = copy(row);
    expect(own['loop']).not.toBe(loop);
    expect((own['loop'] as Box)['self']).toBe(own['loop']);
    expect(own['one']).toBe(own['loop']);
  });

  test('keeps objects without a prototype as they are', () => {
    const own = copy({ bare: Object.assign(Object.create(null) as Box, { a: 1 }) });
    expect(Object.getPrototypeOf(own.bare)).toBeNull();
  });

  test('can be taken of data that is nested very deeply', () => {
    let data: Box = {};
    for (let depth = 0; depth < 20_000; depth += 1) data = { data };
    let own: Box | undefined = copy({ data });
    let depth = 0;
    while ((own = own['data'] as Box | undefined)) depth += 1;
    expect(depth).toBe(20_001);
  });

  test('can be taken of a frozen row', () => {
    const own: Box = copy(Object.freeze({ box: Object.freeze({ user: 'a' }) }));
    Object.assign(own['box'] as Box, { user: 'b' });
    expect(own).toEqual({ box: { user: 'b' } });
  });
});

const sessionOf = (data: object) => {
  const req = { sessionID: 'id' } as Request;
  class AnyStore extends Store {
    get = () => undefined;
    set = () => undefined;
    destroy = () => undefined;
  }
  new AnyStore().createSession(req, { cookie: { originalMaxAge: null }, ...data } as SessionData);
  return req.session;
};

test('a copy for a store is still a session of its request', () => {
  const session = sessionOf({ user: 'alice', box: { deep: 1 } });
  const own = copyForStore(session);
  expect(own).toBeInstanceOf(session.constructor);
  expect(own['req']).toBe(session['req']);
  expect(own.id).toBe('id');
  expect(Object.keys(own)).toEqual(Object.keys(session));
  expect(JSON.stringify(own)).toBe(JSON.stringify(session));
});

test('a copy for a store keeps what is computed', () => {
  let count = 0;
  const own = copyForStore(Object.defineProperty({}, 'count', { enumerable: true, get: () => ++count }));
  expect(count).toBe(0);
  expect(own).toMatchObject({ count: 1 });
});

test('a copy for a request of a session object has its data', () => {
  const session = sessionOf({ user: 'alice', box: { deep: 1 } });
  const own = copyForRequest(session);
  expect(own).toMatchObject({ user: 'alice', box: { deep: 1 } });
  expect(Object.keys(own)).toEqual(Object.keys(session));
  expect(own['box']).not.toBe(session['box']);
});

test('a copy for a request of a copied session has its data', () => {
  const session = sessionOf({ box: { deep: 1 } });
  const copied = Object.assign(Object.create(Object.getPrototypeOf(session) as object) as typeof session, session);
  const own = copyForRequest(copied);
  expect(own).toMatchObject({ box: { deep: 1 } });
  expect(own['box']).not.toBe(copied['box']);
});

test.each([
  ['a request', copyForRequest],
  ['a store', copyForStore],
])('data of another class stays as it is for %s, as its methods may need private fields', (_for, copy) => {
  class Row {
    #user = 'alice';
    cookie = {};
    toJSON() {
      return { user: this.#user };
    }
  }
  const row = new Row();
  expect(copy(row)).toBe(row);
  expect(JSON.stringify(copy(row))).toBe('{"user":"alice"}');
});

describe('what a store changes in its copy of a session', () => {
  test('the session gets, too, but not what nobody has changed', () => {
    const session: Box = { user: 'alice', lastModified: 1, note: 'old' };
    const copy = copyForStore(session);
    const carry = carryBack(copy, session);
    session['note'] = 'new';
    copy['at'] = 5;
    delete copy['lastModified'];
    carry();
    expect(session).toStrictEqual({ user: 'alice', note: 'new', at: 5 });
  });

  test('it gets once, as the application may change it after that', () => {
    const session: Box = {};
    const copy = copyForStore(session);
    const carry = carryBack(copy, session);
    copy['at'] = 5;
    carry();
    session['at'] = 6;
    carry();
    expect(session).toEqual({ at: 6 });
  });
});
