import { liveStatus } from '../../src/policy/status.js';
import { type Alive, judge } from '../../src/policy/verdict.js';
import { HOUR, MINUTE } from '../support/time.js';

const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 8 * HOUR, warnBefore: 2 * MINUTE };

test('the status of a session says how long it has been used, what is left, and its limits', () => {
  const idleFor = 5 * MINUTE;
  const verdict = judge({ sessionAge: HOUR, idleFor }, limits) as Alive;
  expect(liveStatus(verdict, { idleFor, authAge: HOUR }, limits, 'tag')).toEqual({
    state: 'active',
    idleFor,
    authAge: HOUR,
    expiresIn: 10 * MINUTE,
    limit: 'idle',
    extendable: true,
    idleTimeout: 15 * MINUTE,
    absoluteTimeout: 8 * HOUR,
    idleLeft: 10 * MINUTE,
    absoluteLeft: 7 * HOUR,
    warnBefore: 2 * MINUTE,
    session: 'tag',
  });
});

test('shortly before the end, the state is "warning"', () => {
  const idleFor = 13 * MINUTE + 1;
  const verdict = judge({ sessionAge: HOUR, idleFor }, limits) as Alive;
  expect(liveStatus(verdict, { idleFor, authAge: HOUR }, limits, 'tag').state).toBe('warning');
});

test('a limit that is off is null, and so is the time that is left of it', () => {
  const off = { idleTimeout: false, absoluteTimeout: false, warnBefore: MINUTE } as const;
  const verdict = judge({ sessionAge: HOUR, idleFor: HOUR }, off) as Alive;
  const status = liveStatus(verdict, { idleFor: HOUR, authAge: Infinity }, off, 'tag');
  expect(status).toMatchObject({ idleTimeout: null, absoluteTimeout: null, idleLeft: null, absoluteLeft: null });
});
