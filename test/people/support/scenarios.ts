import type supertest from 'supertest';
import { Timelines } from '../../../src/enforcement/timelines/timelines.js';
import type { SessionTimeoutOptions } from '../../../src/index.js';
import { MINUTE } from '../../support/app.js';
import type { World } from './faulty-world.js';

export interface Scenario {
  readonly options?: SessionTimeoutOptions;
  /** Prepares the world, and returns what may fail. */
  readonly prepare: (world: World) => Promise<() => Promise<supertest.Response | void>>;
  /** Whether it is a sign-in: if it fails, nobody loses a session. */
  readonly isSignIn?: boolean;
  /** How many users are signed in if nothing fails. */
  readonly left: number;
}

export const SCENARIOS: Record<string, Scenario> = {
  'a sign-in': {
    isSignIn: true,
    left: 2,
    async prepare(world) {
      await world.signedIn();
      const newcomer = world.browser();
      return () => newcomer.ask('post', '/login', { user: 'alice' });
    },
  },
  'a sign-in that displaces': {
    isSignIn: true,
    options: { maxSessions: 1, whenFull: 'end-oldest' },
    left: 1,
    async prepare(world) {
      await world.signedIn();
      const newcomer = world.browser();
      return () => newcomer.ask('post', '/login', { user: 'alice' });
    },
  },
  'a sign-in of a visitor that displaces': {
    isSignIn: true,
    options: { maxSessions: 2 },
    left: 2,
    async prepare(world) {
      await world.signedIn();
      await world.signedIn();
      const visitor = world.browser();
      await visitor.ask('post', '/note', { note: 'basket' });
      return () => visitor.ask('post', '/plain-login', { user: 'alice' });
    },
  },
  'a sign-in that is refused': {
    isSignIn: true,
    options: { maxSessions: 1, whenFull: 'refuse' },
    left: 1,
    async prepare(world) {
      await world.signedIn();
      const newcomer = world.browser();
      return () => newcomer.ask('post', '/login', { user: 'alice' });
    },
  },
  'a sign-in in place of an idle session': {
    isSignIn: true,
    options: { maxSessions: 1, whenFull: 'refuse' },
    left: 1,
    async prepare(world) {
      await world.signedIn();
      world.clock.advance(15 * MINUTE);
      const newcomer = world.browser();
      return () => newcomer.ask('post', '/login', { user: 'alice' });
    },
  },
  // The handler regenerates the session first, so a sign-in that fails leaves the browser signed out.
  'a second sign-in of the same browser': {
    options: { maxSessions: 1, whenFull: 'refuse' },
    left: 1,
    async prepare(world) {
      const browser = await world.signedIn();
      return () => browser.ask('post', '/login', { user: 'alice' });
    },
  },
  'POST /session/end': {
    left: 1,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('post', '/session/end');
    },
  },
  'a sign-out by destroy()': {
    left: 1,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('post', '/logout');
    },
  },
  'DELETE /session/list': {
    left: 1,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn(), await world.signedIn()];
      return () => browser.ask('delete', '/session/list');
    },
  },
  'DELETE /session/list?current=true': {
    left: 0,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('delete', '/session/list?current=true');
    },
  },
  'DELETE /session/list, if limits differ': {
    options: { limitsFor: () => ({ idleTimeout: '15m' }) },
    left: 1,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn(), await world.signedIn()];
      return () => browser.ask('delete', '/session/list');
    },
  },
  'DELETE /session/list/:id': {
    left: 1,
    async prepare(world) {
      const [browser, other] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('delete', `/session/list/${other.key}`);
    },
  },
  'DELETE /session/list/:id of the own session': {
    left: 1,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('delete', `/session/list/${browser.key}`);
    },
  },
  'endAll(user, { except })': {
    left: 1,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('post', '/password');
    },
  },
  'endAll(req)': {
    left: 0,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('post', '/everywhere');
    },
  },
  'a renewal': {
    left: 2,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('post', '/renew');
    },
  },
  'a step-up': {
    options: { maxSessions: 2 },
    left: 2,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('post', '/step-up');
    },
  },
  'a sign-out that keeps the basket': {
    left: 1,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      await browser.ask('post', '/note', { note: 'basket' });
      return () => browser.ask('post', '/leave');
    },
  },
  'a change of the user': {
    options: { maxSessions: 2 },
    left: 1,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('post', '/plain-login', { user: 'bob' });
    },
  },
  'a renewal when the user may not have more': {
    options: { maxSessions: 2, whenFull: 'refuse' },
    left: 2,
    async prepare(world) {
      const [browser] = [await world.signedIn(), await world.signedIn()];
      return () => browser.ask('post', '/renew');
    },
  },
  'a request past the idle limit': {
    left: 0,
    async prepare(world) {
      const browser = await world.signedIn();
      world.clock.advance(15 * MINUTE);
      return () => browser.ask('get', '/me');
    },
  },
  'an ordinary request': {
    left: 1,
    async prepare(world) {
      const browser = await world.signedIn();
      world.clock.advance(MINUTE);
      return () => browser.ask('post', '/note', { note: 'x' });
    },
  },
  'a request of a session that another application has begun': {
    options: { maxSessions: 2 },
    left: 2,
    async prepare(world) {
      await world.signedIn();
      await world.signedIn();
      const browser = world.found();
      return () => browser.ask('get', '/me');
    },
  },
  'a sweep': {
    left: 0,
    async prepare(world) {
      await world.signedIn();
      await world.signedIn();
      world.clock.advance(15 * MINUTE);
      const { users } = world.one.app.get(Timelines)['ledger'];
      return async () => {
        try {
          for (const key of (await users?.due(100, 1000)) ?? [])
            await Promise.resolve(world.one.app.get(Timelines).expire(key)).catch(() => undefined);
        } catch {
          // The next sweep comes.
        }
        world.clock.advance(1000);
      };
    },
  },
};
