// The changes of a session's state that this page causes itself: by its time, its user, and what it does.
import { isWarningDue } from './schedule.js';
import { type Ending, initialState, isConcealed, isLive, limitOf, type SessionState } from './session-state.js';

/** Nobody is signed in, and nobody was: there is nothing to leave. */
export function onAnonymous({ answeredAt, loginUrl, fresh }: SessionState): SessionState {
  return { ...initialState, phase: 'anonymous', answeredAt, loginUrl, fresh };
}

/** The session has ended: the page is left. */
export function onEnd(state: SessionState, ending: Ending): SessionState {
  return { ...state, phase: 'expired', ending };
}

/** This page signs out. */
export function onSignOut(state: SessionState, at: number): SessionState {
  return { ...asking(state, at), phase: 'signing-out', stay: 'pending' };
}

/** The user wants to stay. Only the server can say whether that was in time. */
export function onStay(state: SessionState, at: number): SessionState {
  if (!isLive(state) || isConcealed(state, at)) return asking(state, at);
  if (state.phase === 'warning' && limitOf(state) === 'absolute') return state;
  return { ...asking(state, at), activeAt: at, stay: 'pending' };
}

/** The session may have ended: the page asks, and is hidden until the answer. */
export function onDoubt(state: SessionState, at: number): SessionState {
  const asked = asking(state, at);
  return { ...asked, doubtedAt: asked.wantedAt };
}

/** The page comes back from the back/forward cache. It is hidden until the answer. */
export function onReturn(state: SessionState, at: number): SessionState {
  const asked = onLook(state, at, 50);
  return { ...asked, doubtedAt: asked.wantedAt };
}

/**
 * The user looks at the page. It asks if the last answer and the last question are more than `age` milliseconds old.
 */
export function onLook(state: SessionState, at: number, age = 0): SessionState {
  const waiting = at - state.wantedAt;
  return at - state.answeredAt > age && (waiting < 0 || waiting >= age) ? asking(state, at) : state;
}

/** Time has passed, and the user was last active at `activeAt`. */
export function onTick(state: SessionState, at: number, activeAt: number): SessionState {
  // Activity during the warning or after the end does not move the end.
  const counts = activeAt > state.activeAt && state.phase !== 'warning' && !isConcealed(state, activeAt);
  const seen = counts ? { ...state, activeAt } : state;
  return isWarningDue(seen, at) ? { ...seen, phase: 'warning' } : seen;
}

/**
 * Asks `at` this time, but at least `pause` milliseconds after the last question that was answered. Without a pause, it asks
 * even within the millisecond of that one, because some browsers round their clocks.
 */
export function asking(state: SessionState, at: number, pause = 1): SessionState {
  return { ...state, wantedAt: Math.max(at, state.answeredAt + pause), retryAt: -Infinity };
}
