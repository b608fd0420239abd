import { type Marked, PlaceMarks } from '../../../src/ledger/memory/place-marks.js';
import { MINUTE } from '../../support/time.js';

const known = new Map<string, Marked>();
let places: PlaceMarks;
beforeEach(() => {
  known.clear();
  places = new PlaceMarks((key) => known.get(key) ?? 'none');
});
const keysAt = (now: number) => [...places.of('alice', now).keys()];

test.each(['claimed', 'leaving', 'replaced'] as const)('"%s" is kept for a minute if there is no record', (state) => {
  places.set('alice', 'a', { state, since: 1000 });
  expect(keysAt(1000 + MINUTE - 1)).toEqual(['a']);
  expect(keysAt(1000 + MINUTE)).toEqual([]);
  expect(places.isEmpty).toBe(true);
});

test.each([
  ['claimed', 'open', false],
  ['leaving', 'open', true],
  ['replaced', 'open', true],
  ['claimed', 'ended', false],
  ['leaving', 'ended', false],
  ['replaced', 'ended', false],
] as const)('"%s" is kept if the session is %s: %j', (state, marked, isKept) => {
  places.set('alice', 'a', { state, since: 0 });
  known.set('a', marked);
  expect(keysAt(2 * MINUTE)).toEqual(isKept ? ['a'] : []);
});

test('each user has marks of their own', () => {
  places.set('alice', 'a', { state: 'claimed', since: 0 });
  places.set('alice', 'b', { state: 'leaving', since: 5 });
  places.set('bob', 'a', { state: 'replaced', since: 0 });
  expect(places.markOf('alice', 'b')).toEqual({ state: 'leaving', since: 5 });
  expect(places.markOf('bob', 'b')).toBeUndefined();
  expect(places.markOf('carol', 'a')).toBeUndefined();
  expect([...places.of('carol', 0)]).toEqual([]);
  places.delete('alice', 'a');
  places.delete('alice', 'unknown');
  places.delete('carol', 'a');
  expect(keysAt(0)).toEqual(['b']);
  expect(places.isEmpty).toBe(false);
});

test('an opened session needs no claim, and says whether it has given up its place', () => {
  for (const state of ['claimed', 'leaving', 'replaced'] as const) places.set('alice', state, { state, since: 0 });
  expect(['claimed', 'leaving', 'replaced', 'other'].map((key) => places.opened('alice', key))).toEqual([
    false,
    true,
    false,
    false,
  ]);
  expect(keysAt(0)).toEqual(['leaving', 'replaced']);
});

test('prune() deletes the obsolete marks of all users', () => {
  places.set('alice', 'a', { state: 'claimed', since: 0 });
  places.set('bob', 'b', { state: 'claimed', since: 1 });
  places.prune(MINUTE);
  expect([places.markOf('alice', 'a'), places.markOf('bob', 'b')]).toEqual([undefined, { state: 'claimed', since: 1 }]);
  places.prune(MINUTE + 1);
  expect(places.isEmpty).toBe(true);
});
