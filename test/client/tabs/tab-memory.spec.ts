/** @jest-environment jsdom */
import { recallTab, rememberTab } from '../../../src/client/tabs/tab-memory.js';

const ended = { session: 'aaaaaaaa', reason: 'idle', expiresIn: null } as const;

test('a tab remembers the sessions of each application of an origin', () => {
  rememberTab('http://here/one/', ended);
  rememberTab('http://here/two/', { session: 'bbbbbbbb', reason: null, expiresIn: 1000 });
  expect(recallTab('http://here/one/')).toEqual({ session: 'aaaaaaaa', reason: 'idle' });
  expect(recallTab('http://here/two/')).toEqual({ session: 'bbbbbbbb', reason: null });
  expect(recallTab('http://here/three/')).toBeUndefined();
});

test('a session that nothing ends is not remembered', () => {
  rememberTab('http://here/four/', { session: 'aaaaaaaa', reason: null, expiresIn: null });
  expect(recallTab('http://here/four/')).toBeUndefined();
});
