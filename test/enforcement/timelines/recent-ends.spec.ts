import { RecentEnds } from '../../../src/enforcement/timelines/recent-ends.js';

let ends: RecentEnds;
beforeEach(() => {
  ends = new RecentEnds();
});

test('the reason of an end is known', () => {
  ends.note('a', 'revoked', true);
  expect([ends.reasonOf('a'), ends.reasonOf('b')]).toEqual(['revoked', undefined]);
});

test('who comes too late does not change the reason', () => {
  ends.note('a', 'revoked', true);
  ends.note('a', 'signed-out', false);
  expect(ends.reasonOf('a')).toBe('revoked');
});

test('until more is known, the reason for which it was about to be ended counts', () => {
  ends.note('a', 'signed-out', false);
  expect(ends.reasonOf('a')).toBe('signed-out');
  ends.note('a', 'idle', false);
  expect(ends.reasonOf('a')).toBe('idle');
  ends.note('a', 'revoked', false, { isCertain: true });
  ends.note('a', 'signed-out', false);
  expect(ends.reasonOf('a')).toBe('revoked');
});

test('listeners hear of each end, and of the reason if this process has ended the session', () => {
  const heard: unknown[] = [];
  ends.listen((...end) => heard.push(end));
  ends.note('a', 'revoked', true);
  ends.note('a', 'signed-out', false);
  ends.note('b', 'idle', true, { hasRequest: false });
  expect(heard).toEqual([
    ['a', 'revoked', true],
    ['a', undefined, true],
    ['b', 'idle', false],
  ]);
});
