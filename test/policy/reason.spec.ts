import { endedByItself, hasWayBack, isExpiry, isReason, reasons } from '../../src/policy/reason.js';

test('the reasons are those of the documents', () => {
  expect(reasons).toEqual(['idle', 'absolute', 'signed-out', 'revoked', 'replaced', 'displaced', 'lost']);
});

test.each(['idle', 'absolute', 'lost'] as const)('a session that ends as %s has expired', (reason) => {
  expect(isExpiry(reason)).toBe(true);
});

test.each(['signed-out', 'revoked', 'replaced', 'displaced'] as const)(
  'a session that ends as %s was ended by a decision',
  (reason) => expect(isExpiry(reason)).toBe(false),
);

test('the browser knows the same expiries without the table', () => {
  expect(reasons.filter(endedByItself)).toEqual(reasons.filter(isExpiry));
  expect(endedByItself('other')).toBe(false);
});

test.each([['idle-ish'], [''], ['toString'], ['__proto__'], [['idle']], [new String('idle')], [undefined], [null]])(
  'something else is no reason: %p',
  (value) => expect(isReason(value)).toBe(false),
);

test('only users who have signed out do not return to their page', () => {
  expect(reasons.filter((reason) => !hasWayBack(reason))).toEqual(['signed-out']);
});
