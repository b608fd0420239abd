/** @jest-environment jsdom */
import type { Transition } from '../../../src/client/state/session-state.js';
import { initialState } from '../../../src/client/state/session-state.js';
import type { TabMessage } from '../../../src/client/tabs/tab-channel.js';
import { browserTabs } from '../../../src/client/tabs/tabs.js';

const live = { ...initialState, phase: 'active', session: 'k3x9', answeredAt: 500, seen: true } as const;
const clock = { now: () => 1000, wallOf: (time: number) => time, jumped: () => false };

/** The phase of a live page after it has heard something. */
function phaseAfter(message: object) {
  let hear = (_message: TabMessage): void => undefined;
  let state: ReturnType<Transition> = live;
  browserTabs(
    'tabs',
    clock,
    (transition) => (state = transition(state, 1000)),
    (_name, listener) => {
      hear = listener;
      return { tell: () => undefined, recall: () => undefined, close: () => undefined };
    },
  );
  hear({ session: 'k3x9', wall: 900, ...message });
  return state.phase;
}

test('a tab that is signing out says so with a message without an answer', () => {
  expect(phaseAfter({})).toBe('signing-out-elsewhere');
});

test.each(['text', 1, [], {}, { state: 'of a later version' }, { state: 'active', expiresIn: 'soon' }])(
  'an answer that nobody can read, such as one of another version, does not sign out: %j',
  (answer) => expect(phaseAfter({ answer })).toBe('active'),
);
