import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import { goOnAs, touchRow } from '../../../src/express-session/store/lasting-request.js';
import { prepare } from '../support/server.js';
import { requestIn } from '../support/taken-server.js';

/** A request without an answer, whose session is in this store. */
function lastingRequest(store: MemoryStore): Request {
  const req = requestIn(prepare(store));
  req.session.cookie.maxAge = 60_000;
  return req;
}

describe('touchRow()', () => {
  test('touches the session and its row', () => {
    const touched: unknown[] = [];
    const store = new MemoryStore();
    store.touch = (id, session) => void touched.push([id, session]);
    const req = lastingRequest(store);
    Object.assign(req.session.cookie, { _expires: new Date(0) });
    touchRow(req);
    expect(touched).toEqual([[req.sessionID, req.session]]);
    expect(req.session.cookie.expires?.getTime()).toBeGreaterThan(Date.now());
  });

  test('gives the store a callback, and does not mind its error', () => {
    const store = new MemoryStore();
    store.touch = (_id, _session, callback) => (callback as (error: Error) => void)(new Error('down'));
    expect(() => touchRow(lastingRequest(store))).not.toThrow();
  });

  test('does nothing without a session, and nothing to a store that has no touch()', () => {
    const store = new MemoryStore();
    expect(() => touchRow({ sessionStore: store } as unknown as Request)).not.toThrow();
    Object.assign(store, { touch: undefined });
    expect(() => touchRow(lastingRequest(store))).not.toThrow();
  });
});

test('goOnAs() gives a request another id, and leaves its session', () => {
  const req = lastingRequest(new MemoryStore());
  const { session } = req;
  goOnAs(req, 'second');
  expect([req.sessionID, req.session]).toEqual(['second', session]);
});
