// The changes of a session's state after news from the server and from other tabs. Each takes the state and a time, and
// returns the state after it.
import type { Reason } from '../../policy/reason.js';
import type { PingReply } from '../../wire/ping-reply.js';
import type { ReadTiming } from '../../wire/server-timing.js';
import { asking, onAnonymous, onDoubt, onEnd, onSignOut } from './page-transitions.js';
import { backoff, warnAt } from './schedule.js';
import { endOf, isLive, limitOf, type SessionState } from './session-state.js';

/**
 * The server has answered the question of `askedAt`. Late answers do not replace newer ones.
 *
 * @param reportedAt the activity that was reported with the question, if any
 */
export function onAnswer(
  state: SessionState,
  at: number,
  askedAt: number,
  reply: PingReply,
  reportedAt = -Infinity,
): SessionState {
  if (askedAt < state.answeredAt) return state;
  const { loginUrl = state.loginUrl, at: serverAt, drafts } = reply;
  const answered = { ...state, answeredAt: askedAt, serverAt, failures: 0, retryAt: -Infinity, loginUrl, drafts };
  // A header from a cache is older than the request that it answers.
  const seen = state.seen || (!state.fresh && state.claim! >= serverAt - at);

  if (reply.state === 'anonymous') {
    if (!seen) return onAnonymous(answered);
    // If another answer cleared the cookie, only this page's clock knows the reason.
    return onEnd(answered, state.told || (at >= endOf(state) ? limitOf(state) : reply.lost ? 'lost' : 'signed-out'));
  }
  if (reply.state === 'expired') {
    if (state.fresh && !state.seen) return onAnonymous(answered);
    if (reply.reason === 'replaced' && !state.replaced) return askingAgain(state, at);
    return onEnd(answered, reply.reason);
  }
  const { session, user } = reply;
  if (state.phase === 'signing-out') return state;
  // The page of the same user goes on under a new session id.
  if (state.seen && state.session !== session && (!user || user !== state.user)) {
    return state.replaced ? onEnd(answered, 'other') : askingAgain(state, at);
  }
  // The other tab could not sign out, so this one does it.
  if (state.session === session && state.phase === 'signing-out-elsewhere') return onSignOut(answered, at);
  return settled(
    {
      ...answered,
      seen: reply.expiresIn !== null,
      told: undefined,
      session,
      user,
      replaced: false,
      idleTimeout: reply.idleTimeout ?? Infinity,
      warnBefore: reply.warnBefore,
      knownAt: Math.max(state.knownAt, reportedAt, askedAt - (reply.idleFor || 0)),
      idleAt: askedAt + (reply.idleLeft ?? Infinity),
      absoluteAt: askedAt + (reply.absoluteLeft ?? Infinity),
    },
    at,
  );
}

/**
 * A question got no answer.
 *
 * @param retryAfter milliseconds that the server wants the client to wait
 * @param spread 0 to 1, by chance
 */
export function onFailure(state: SessionState, at: number, retryAfter: number, spread: number): SessionState {
  const stay = state.stay === 'pending' ? 'failed' : state.stay;
  const failed = { ...state, failures: state.failures + 1, stay };
  return { ...failed, retryAt: at + backoff(failed, at, retryAfter, spread) };
}

/**
 * Another tab has received an answer about `session` to a question of `askedAt`. If the session of this page is another
 * one, the page asks.
 */
export function onTabAnswer(
  state: SessionState,
  at: number,
  askedAt: number,
  reply: PingReply,
  session: string | undefined,
): SessionState {
  const alive = 'session' in reply;
  // An answer from the future comes from before the clock was set back. After that, every answer may seem to be old, and one
  // without a time (NaN) always is. A page that warns its user asks then, because the user may have stayed in the other tab.
  if (!(askedAt > state.answeredAt && askedAt < at + 50))
    return state.phase === 'warning' && reply.state !== 'warning' ? asking(state, at) : state;
  if (state.session === undefined) return alive ? asking(state, at) : state;
  if (state.session !== session) return alive ? askingAgain(state, at) : asking(state, at);
  if (alive && state.phase.startsWith('sign')) return state;
  // The login URL is taken from the server only, so that no other tab has to be trusted.
  return onAnswer(state, at, askedAt, { ...reply, loginUrl: undefined });
}

/** Another tab is signing out of `session`. It has a second for that before this page asks. */
export function onTabSignOut(state: SessionState, at: number, session: string | undefined): SessionState {
  if (!isLive(state) || session !== state.session) return state;
  return { ...asking(state, at + 1000), phase: 'signing-out-elsewhere' };
}

/**
 * The browser showed the page from a cache. It belonged to `session`, which may have ended since then.
 *
 * @param told why it has ended, if this tab knows; `other` to load the page again if it has ended
 */
export function onCachedPage(
  state: SessionState,
  at: number,
  session: string,
  told: SessionState['told'],
): SessionState {
  return onDoubt({ ...state, seen: true, session, told }, at);
}

/**
 * The application has received an answer without a header. A refusal or a redirect may mean that the session has ended,
 * and every answer may be the answer to a sign-in. If a page of visitors polls, it asks less and less often, but at least
 * once a minute.
 */
export function onOtherAnswer(state: SessionState, at: number, isRefusal: boolean): SessionState {
  if (state.phase === 'anonymous') return asking(state, at, Math.min(5000 + at / 20, 60_000));
  return isRefusal ? asking(state, at, 1000) : state;
}

/**
 * The answer to an ordinary request of `askedAt` had a header. Caches and workers replay headers. A newer header about
 * the session of this page updates the state. Any other header only makes the page ask.
 */
export function onServerTiming(
  state: SessionState,
  at: number,
  askedAt: number,
  { left, reason, session, at: saidAt }: ReadTiming,
): SessionState {
  const { answeredAt, serverAt = 0, idleAt, absoluteAt, idleTimeout } = state;
  // At most once a second, whatever a cache does.
  const soon = Math.max(at, answeredAt + 1000);
  if (session !== state.session) {
    return asking(state.session ? state : claimed(state, askedAt, saidAt, reason), soon);
  }
  // Headers have whole seconds.
  const isOld = saidAt + 1000 <= serverAt;
  // A refusal may also come from a server whose clock is behind.
  if (reason) return { ...(isOld ? asking(state, soon) : onDoubt(state, at)), told: reason };
  if (isOld || askedAt <= answeredAt) return state;
  const madeAt = Math.min(askedAt, answeredAt + saidAt + 1000 - serverAt);
  const end = madeAt + left;
  // The absolute limit does not move.
  if (!isLive(state) || end >= absoluteAt + 2000) return asking(state, soon);
  return settled(
    {
      ...state,
      answeredAt: madeAt,
      serverAt: saidAt,
      knownAt: Math.max(state.knownAt, end - idleTimeout),
      // If the header is about the absolute limit, the idle limit comes later.
      idleAt: Math.max(idleAt, end > absoluteAt - 2000 ? absoluteAt : end),
    },
    at,
  );
}

/**
 * The page came with a header. It says that a session has ended, or when to cover the page without a ping.
 *
 * @param isEarly whether the browser has fetched the page some time before. If its session has ended since then, the page
 *   is loaded again
 */
export function onPageTiming(
  state: SessionState,
  at: number,
  askedAt: number,
  timing: ReadTiming,
  isEarly?: boolean | undefined,
): SessionState {
  const { reason, session, left } = timing;
  if (reason) return { ...state, fresh: true };
  const before: SessionState = isEarly ? { ...state, seen: true, session, told: 'other' } : state;
  return { ...onServerTiming(before, at, askedAt, timing), idleAt: askedAt + left };
}

/** A header named a session that this page does not know. Earlier questions were not about that session. */
function claimed(state: SessionState, askedAt: number, saidAt: number, told: Reason | undefined): SessionState {
  return {
    ...state,
    told,
    // The page may show something of this session.
    fresh: told && state.fresh,
    // Another application of this origin may have sent it to a page of visitors.
    claim: told || state.phase === 'unknown' ? saidAt + 1000 - askedAt : undefined,
    answeredAt: Math.max(state.answeredAt, askedAt),
  };
}

/** A late answer may be about an earlier session. The page stays hidden until a second answer confirms it. */
function askingAgain(state: SessionState, at: number): SessionState {
  return { ...onDoubt(state, at), replaced: true };
}

/** Decides from the new times whether the warning stays, and whether the session was extended. */
function settled(state: SessionState, at: number): SessionState {
  if (state.phase !== 'warning' || at < warnAt(state)) return { ...state, phase: 'active', stay: 'idle' };
  if (limitOf(state) === 'absolute') return { ...state, stay: 'idle' };
  // The server has answered, but the session was not extended.
  return state.answeredAt >= state.wantedAt && state.stay !== 'idle' ? { ...state, stay: 'failed' } : state;
}
