import { initialState, isConcealed, type SessionState } from '../../../src/client/state/session-state.js';
import * as ofPage from '../../../src/client/state/page-transitions.js';
import * as ofServer from '../../../src/client/state/transitions.js';
import { MINUTE, SECOND } from '../../support/time.js';
import { Server } from '../support/world.js';
import { decodePingReply, type PingReply } from '../../../src/wire/ping-reply.js';
import type { ReadTiming } from '../../../src/wire/server-timing.js';

/** What a server answers at 0. */
function answer(change: (server: Server) => void = () => undefined): PingReply {
  const server = new Server(10 * MINUTE, 60 * MINUTE, MINUTE);
  change(server);
  return decodePingReply(server.status())!;
}

const live = ofServer.onAnswer(initialState, 0, 0, answer());
const at = 5 * SECOND;

/** A header of the living session, made at {@link at}. */
function header(change: Partial<ReadTiming> = {}): ReadTiming {
  return { session: 'first', left: 10 * MINUTE, reason: undefined, at: live.serverAt! + at, ...change };
}

test('an answer about a living session makes the page live', () => {
  expect(live).toMatchObject({ phase: 'active', session: 'first', idleAt: 10 * MINUTE, absoluteAt: 60 * MINUTE });
});

test('an answer that was asked for before the newest one changes nothing', () => {
  expect(ofServer.onAnswer(live, at, -1, answer())).toBe(live);
});

describe('a header', () => {
  const hear = (state: SessionState, change?: Partial<ReadTiming>, askedAt = at): SessionState =>
    ofServer.onServerTiming(state, at, askedAt, header(change));

  test('of the session that is newer moves the end forward', () => {
    expect(hear(live)).toMatchObject({ phase: 'active', answeredAt: at, idleAt: at + 10 * MINUTE });
  });

  test('never moves the end back', () => {
    expect(hear(live, { left: MINUTE }).idleAt).toBe(live.idleAt);
  });

  test.each([1000, 60 * SECOND])('that is %d ms older than the last answer changes nothing', (age) => {
    expect(hear(live, { at: live.serverAt! - age })).toBe(live);
  });

  test('that says why the session has ended, and is older, only makes the page ask: a server may have an old clock', () => {
    const old = { at: live.serverAt! - 3000, reason: 'revoked', left: 0 } as const;
    const heard = hear(live, old);
    expect(heard).toEqual({ ...live, wantedAt: at, told: 'revoked' });
    expect(ofServer.onAnswer(heard, at, at, { state: 'anonymous', at: 0 })).toMatchObject({ ending: 'revoked' });
    expect(ofServer.onServerTiming(live, 1, 1, header(old)).wantedAt).toBe(1000);
  });

  test('that a cache replays a minute later counts from when it was made', () => {
    const late = ofServer.onServerTiming(live, MINUTE + at, MINUTE + at, header());
    expect(late.idleAt).toBeLessThanOrEqual(at + 10 * MINUTE + SECOND);
  });

  test('of a server whose clock is ahead counts from the question', () => {
    expect(hear(live, { at: live.serverAt! + 60 * MINUTE }).idleAt).toBe(at + 10 * MINUTE);
  });

  test('that says why the session has ended covers the page, which asks', () => {
    const told = hear(live, { reason: 'revoked', left: 0 });
    expect(told).toMatchObject({ phase: 'active', wantedAt: at, doubtedAt: at, told: 'revoked' });
    expect(ofServer.onAnswer(told, at, at, { state: 'anonymous', at: 0 })).toMatchObject({ ending: 'revoked' });
  });

  test('of another session only makes the page ask, and once a second at most', () => {
    expect(hear(live, { session: 'other', reason: 'idle' })).toEqual({ ...live, wantedAt: at });
    expect(ofServer.onServerTiming(live, 1, 1, header({ session: 'other' })).wantedAt).toBe(1000);
  });

  test('that says that the end is later than the absolute limit only makes the page ask, and once a second at most', () => {
    expect(hear(live, { left: 60 * MINUTE })).toEqual({ ...live, wantedAt: at });
    expect(ofServer.onServerTiming(live, 1, 1, header({ left: 61 * MINUTE })).wantedAt).toBe(1000);
  });
});

describe('a header about a session that the page does not know', () => {
  const now = 1_767_603_600_000;
  const gone: PingReply = { state: 'anonymous', at: now + 200 };
  const anonymous = ofServer.onAnswer(initialState, 0, 0, { state: 'anonymous', at: now });
  const refused = (saidAt: number): SessionState =>
    ofServer.onServerTiming(anonymous, at, at - 100, header({ at: saidAt, reason: 'idle', left: 0 }));

  test('leads to the login page if it refused a request of this page, and the ping knows nobody', () => {
    const told = refused(now + 5000);
    expect(told.wantedAt).toBeGreaterThanOrEqual(at);
    const ended = ofServer.onAnswer(told, at + 50, at, { ...gone, at: now + at + 50 });
    expect(ended).toMatchObject({ phase: 'expired', ending: 'idle' });
  });

  test('changes nothing if it is from before the request', () => {
    const ended = ofServer.onAnswer(refused(now - MINUTE), at + 50, at, { ...gone, at: now + at + 50 });
    expect(ended.phase).toBe('anonymous');
  });

  test('is not believed by a ping that was asked before that request', () => {
    const told = refused(now + 5000);
    expect(ofServer.onAnswer(told, at + 50, at - 200, { ...gone, at: now + at })).toBe(told);
  });

  test('that goes on makes a page of visitors ask, but not leave: another application may have sent it', () => {
    const told = ofServer.onServerTiming(anonymous, at, at - 100, header({ at: now + 5000 }));
    expect(told.wantedAt).toBeGreaterThanOrEqual(at);
    expect(ofServer.onAnswer(told, at + 50, at - 200, { ...gone, at: now + at })).toBe(told);
    expect(ofServer.onAnswer(told, at + 50, at, { ...gone, at: now + at + 50 }).phase).toBe('anonymous');
    expect(ofServer.onAnswer(told, at + 50, at, answer())).toMatchObject({ phase: 'active', session: 'first' });
  });

  test('changes nothing on a page that came with the news of the end', () => {
    const fresh = ofServer.onPageTiming(initialState, 0, 0, header({ reason: 'idle' }));
    const loaded = ofServer.onAnswer(fresh, 0, 0, { state: 'anonymous', at: now });
    const told = ofServer.onServerTiming(loaded, at, at - 100, header({ at: now + 5000, reason: 'idle' }));
    expect(ofServer.onAnswer(told, at + 50, at, { ...gone, at: now + at }).phase).toBe('anonymous');
  });

  test.each([
    ['the server made it for this page', 0, 'expired'],
    ['a cache replayed it', 2 * MINUTE, 'anonymous'],
  ])('came with the page itself: if %s, an anonymous answer means: %3$s', (_name, age, phase) => {
    const page = ofServer.onPageTiming(initialState, 0, -100, header({ at: now - age }));
    expect(page.phase).toBe('unknown');
    const answered = ofServer.onAnswer(page, 50, 0, { state: 'anonymous', at: now + 100 });
    expect(answered.phase).toBe(phase);
  });
});

describe('while another tab signs out', () => {
  const leaving = ofServer.onTabSignOut(live, at, 'first');

  test('the page is concealed, and asks after a second', () => {
    expect(leaving).toMatchObject({ phase: 'signing-out-elsewhere', wantedAt: at + SECOND });
    expect(isConcealed(leaving, at)).toBe(true);
  });

  test('a page of another session is not concerned', () => {
    expect(ofServer.onTabSignOut(live, at, 'second')).toBe(live);
    expect(ofServer.onTabSignOut(initialState, at, undefined)).toBe(initialState);
  });

  test('the session ends as signed out when the server no longer knows it', () => {
    const ended = ofServer.onAnswer(leaving, at, at, { state: 'anonymous', at: 0 });
    expect(ended).toMatchObject({ phase: 'expired', ending: 'signed-out' });
  });

  test('the page signs out itself if the session is still alive', () => {
    expect(ofServer.onAnswer(leaving, at, at, answer()).phase).toBe('signing-out');
  });

  test('the page does not sign out of another session that the same user has by now', () => {
    const known = { ...leaving, user: 'same' };
    const again = { ...answer(), session: 'second', user: 'same' } as PingReply;
    expect(ofServer.onAnswer(known, at, at, again)).toMatchObject({ phase: 'active', session: 'second' });
  });

  test('other tabs cannot bring the page back', () => {
    expect(ofServer.onTabAnswer(leaving, at, at, answer(), 'first')).toBe(leaving);
  });

  test('an ordinary answer of a living session only makes the page ask', () => {
    const told = ofServer.onServerTiming(leaving, at, at, header({ left: 9 * MINUTE }));
    expect(told).toEqual({ ...leaving, wantedAt: at, retryAt: -Infinity });
    const early = { ...leaving, answeredAt: at - 1 };
    const again = ofServer.onServerTiming(early, at, at, header({ left: 9 * MINUTE }));
    expect(again.wantedAt).toBe(early.answeredAt + 1000);
  });

  test.each<[string, (state: SessionState) => SessionState]>([
    ['activity', (state) => ofPage.onTick(state, at, at)],
    ['time', (state) => ofPage.onTick(state, 10 * MINUTE, -Infinity)],
    ['the wish to stay', (state) => ofPage.onStay(state, at)],
    ['a failure', (state) => ofServer.onFailure(state, at, 0, 0)],
    ['a look', (state) => ofPage.onLook(state, at, 0)],
    ['a doubt', (state) => ofPage.onDoubt(state, at)],
  ])('%s does not change that', (_name, transition) => {
    expect(transition(leaving)).toMatchObject({ phase: 'signing-out-elsewhere', activeAt: -Infinity });
  });
});

describe('an answer', () => {
  const later = MINUTE;
  const hear = (state: SessionState, change?: (server: Server) => void, askedAt = later): SessionState =>
    ofServer.onAnswer(state, later, askedAt, answer(change));

  test('to a question of the same millisecond as the newest one counts', () => {
    expect(ofServer.onAnswer(live, 5, 0, { state: 'expired', reason: 'revoked', message: '', at: 0 })).toMatchObject({
      phase: 'expired',
      ending: 'revoked',
    });
  });

  test('ends a series of failures', () => {
    const failing = ofServer.onFailure(live, 0, 9 * SECOND, 1);
    expect(failing).toMatchObject({ failures: 1, retryAt: 9 * SECOND });
    expect(hear(failing)).toMatchObject({ failures: 0, retryAt: -Infinity });
  });

  test('keeps the login URL that is known, and says whether drafts are kept', () => {
    const silent = (server: Server) => (server.loginUrl = undefined);
    expect(hear(live, silent).loginUrl).toBe('/login');
    expect(hear(live, (server) => (server.loginUrl = '/elsewhere')).loginUrl).toBe('/elsewhere');
    expect(ofServer.onAnswer(live, later, later, { ...answer(), drafts: true }).drafts).toBe(true);
    expect(ofServer.onAnswer({ ...live, drafts: true }, later, later, answer()).drafts).toBeUndefined();
  });

  test('says which activity the server knows: the newest of all', () => {
    const reply = { ...answer(), idleFor: 10 * SECOND } as PingReply;
    expect(ofServer.onAnswer(live, later, later, reply).knownAt).toBe(50 * SECOND);
    expect(ofServer.onAnswer(live, later, later, reply, 55 * SECOND).knownAt).toBe(55 * SECOND);
    expect(ofServer.onAnswer({ ...live, knownAt: 57 * SECOND }, later, later, reply).knownAt).toBe(57 * SECOND);
    expect(ofServer.onAnswer(live, later, later, { ...reply, idleFor: undefined } as never).knownAt).toBe(later);
  });

  test('may have no limits', () => {
    const off = { ...answer(), idleTimeout: null, idleLeft: null, absoluteLeft: null, expiresIn: null as never };
    expect(ofServer.onAnswer(live, later, later, off as PingReply)).toMatchObject({
      phase: 'active',
      seen: false,
      idleTimeout: Infinity,
      idleAt: Infinity,
      absoluteAt: Infinity,
    });
    expect(hear(live)).toMatchObject({ seen: true, idleTimeout: 10 * MINUTE, warnBefore: MINUTE, session: 'first' });
  });

  test('about the same session clears what a header has told', () => {
    expect(hear({ ...live, told: 'idle', replaced: true })).toMatchObject({ told: undefined, replaced: false });
  });

  test('does not bring back a page that signs out', () => {
    const leaving = ofPage.onSignOut(live, at);
    expect(leaving).toMatchObject({ phase: 'signing-out', stay: 'pending', wantedAt: at });
    expect(hear(leaving)).toBe(leaving);
  });
});

describe('if the server knows nobody any more', () => {
  const now = (time: number, state: SessionState = live, lost?: true): SessionState =>
    ofServer.onAnswer(state, time, time, { state: 'anonymous', at: 0, lost });

  test('the session has ended as signed out, or as lost', () => {
    expect(now(10 * MINUTE - 1)).toMatchObject({ phase: 'expired', ending: 'signed-out' });
    expect(now(10 * MINUTE - 1, live, true)).toMatchObject({ phase: 'expired', ending: 'lost' });
  });

  test('the limit was the reason if it has passed', () => {
    expect(now(10 * MINUTE, live, true)).toMatchObject({ ending: 'idle' });
    expect(now(10 * MINUTE, { ...live, idleAt: Infinity, absoluteAt: 10 * MINUTE })).toMatchObject({
      ending: 'absolute',
    });
  });

  test('a header has told the reason', () => {
    expect(now(10 * MINUTE, { ...live, told: 'displaced' })).toMatchObject({ ending: 'displaced' });
  });

  test('a page that never had a session is a page of visitors', () => {
    const page = now(5, { ...initialState, fresh: true, loginUrl: '/login', session: 'old', failures: 3 });
    expect(page).toEqual({ ...initialState, phase: 'anonymous', answeredAt: 5, loginUrl: '/login', fresh: true });
  });

  test('a claim counts if it is as new as the request, and not on a page that came with the news', () => {
    const claim = (change: Partial<SessionState>): string =>
      ofServer.onAnswer({ ...initialState, ...change } as SessionState, 100, 50, { state: 'anonymous', at: 1100 })
        .phase;
    expect(claim({ claim: 1000 })).toBe('expired');
    expect(claim({ claim: 999 })).toBe('anonymous');
    expect(claim({ claim: 1000, fresh: true })).toBe('anonymous');
    expect(claim({ claim: 999, seen: true, fresh: true })).toBe('expired');
  });
});

describe('an answer about an end', () => {
  const ended = (reason: 'idle' | 'replaced'): PingReply => ({ state: 'expired', reason, message: '', at: 0 });

  test('ends the session of the page, also if the page came with the news of an earlier end', () => {
    expect(ofServer.onAnswer(live, at, at, ended('idle'))).toMatchObject({ phase: 'expired', ending: 'idle' });
    const again = { ...live, fresh: true };
    expect(ofServer.onAnswer(again, at, at, ended('idle'))).toMatchObject({ phase: 'expired', ending: 'idle' });
  });

  test('shows nothing on a page that came with the news', () => {
    const page = { ...initialState, fresh: true };
    expect(ofServer.onAnswer(page, at, at, ended('idle')).phase).toBe('anonymous');
  });

  test('needs a second answer if the session was replaced', () => {
    const doubted = ofServer.onAnswer(live, at, at, ended('replaced'));
    expect(doubted).toMatchObject({ phase: 'active', replaced: true, wantedAt: at, doubtedAt: at });
    expect(doubted.answeredAt).toBe(live.answeredAt);
    expect(ofServer.onAnswer(doubted, at + 1, at + 1, ended('replaced'))).toMatchObject({ ending: 'replaced' });
  });
});

describe('an answer about another session', () => {
  const other = (user?: string) => answer((server) => Object.assign(server, { session: 'second', user }));

  test('needs a second answer', () => {
    const doubted = ofServer.onAnswer(live, at, at, other());
    expect(doubted).toMatchObject({ phase: 'active', session: 'first', replaced: true, doubtedAt: at });
    expect(ofServer.onAnswer(doubted, at + 1, at + 1, other())).toMatchObject({ phase: 'expired', ending: 'other' });
  });

  test('of the same user is the session of this page from now on', () => {
    const known = { ...live, user: 'ann' };
    expect(ofServer.onAnswer(known, at, at, other('ann'))).toMatchObject({ phase: 'active', session: 'second' });
    expect(ofServer.onAnswer(known, at, at, other('bob'))).toMatchObject({ session: 'first', replaced: true });
    expect(ofServer.onAnswer(known, at, at, other())).toMatchObject({ session: 'first', replaced: true });
  });

  test('is the first one of a page that has not seen a session', () => {
    expect(ofServer.onAnswer({ ...initialState, session: 'old' }, at, at, other())).toMatchObject({
      phase: 'active',
      session: 'second',
    });
  });
});

describe('what another tab says', () => {
  const told = (state: SessionState, reply = answer(), askedAt = at, session: string | undefined = 'first') =>
    ofServer.onTabAnswer(state, at, askedAt, reply, session);
  const gone: PingReply = { state: 'anonymous', at: 0 };

  test('about the session of this page counts, but not its login URL', () => {
    expect(told(live, { ...answer(), loginUrl: '/evil' })).toMatchObject({ answeredAt: at, loginUrl: '/login' });
    expect(told(live, gone)).toMatchObject({ phase: 'expired', ending: 'signed-out' });
  });

  test('is ignored if it is not newer, from the future, or without a time', () => {
    expect(told(live, gone, 0)).toBe(live);
    expect(told(live, gone, at + 50)).toBe(live);
    expect(told(live, gone, at + 49)).not.toBe(live);
    expect(told(live, gone, NaN)).toBe(live);
  });

  test('makes a page that warns its user ask then, unless the other one warns, too', () => {
    const warned: SessionState = { ...live, phase: 'warning' };
    for (const askedAt of [0, at + 50, NaN]) {
      expect(told(warned, answer(), askedAt)).toEqual({ ...warned, wantedAt: at });
      expect(told(warned, { ...answer(), state: 'warning' } as PingReply, askedAt)).toBe(warned);
    }
  });

  test('about another session makes the page ask, hidden if that one is alive', () => {
    expect(told(live, answer(), at, 'second')).toMatchObject({ replaced: true, doubtedAt: at, wantedAt: at });
    expect(told(live, gone, at, 'second')).toEqual({ ...live, wantedAt: at });
  });

  test('makes a page without a session ask if a session is alive', () => {
    expect(told(initialState)).toEqual({ ...initialState, wantedAt: at });
    expect(told(initialState, gone)).toBe(initialState);
  });

  test('ends a page that signs out only if the session has ended', () => {
    const leaving = ofPage.onSignOut(live, 1);
    expect(told(leaving)).toBe(leaving);
    expect(told(leaving, gone)).toMatchObject({ phase: 'expired' });
  });
});

test('a page from a cache is hidden until the answer, and knows why its session ended', () => {
  const shown = ofServer.onCachedPage(initialState, at, 'first', 'idle');
  expect(shown).toMatchObject({ seen: true, session: 'first', told: 'idle', wantedAt: at, doubtedAt: at });
  expect(isConcealed(shown, at)).toBe(true);
});

describe('an answer to the application without a header', () => {
  const anonymous = ofPage.onAnonymous({ ...initialState, answeredAt: 0 });
  const hear = (state: SessionState, isRefusal: boolean, now: number) =>
    ofServer.onOtherAnswer(state, now, isRefusal).wantedAt;

  test('makes a page of visitors ask, less and less often, but once a minute at least', () => {
    expect(hear(anonymous, false, 0)).toBe(5000);
    expect(hear(anonymous, true, 0)).toBe(5000);
    expect(hear({ ...anonymous, answeredAt: 199_000 }, false, 200_000)).toBe(214_000);
    expect(hear({ ...anonymous, answeredAt: 8e6 }, false, 8e6)).toBe(8_060_000);
    expect(hear(anonymous, false, 60_000)).toBe(60_000);
  });

  test('makes a page with a session ask if it is a refusal', () => {
    expect(hear(live, true, 10)).toBe(1000);
    expect(hear(live, true, 2000)).toBe(2000);
    expect(ofServer.onOtherAnswer(live, 10, false)).toBe(live);
  });
});

describe('a header, in detail', () => {
  const hear = (state: SessionState, change?: Partial<ReadTiming>, askedAt = at): SessionState =>
    ofServer.onServerTiming(state, at, askedAt, header(change));

  test('that is less than a second older than the last answer counts, because headers have whole seconds', () => {
    expect(hear(live, { at: live.serverAt! - 999 })).not.toBe(live);
  });

  test('of a question before the last answer changes nothing', () => {
    expect(hear(live, {}, 0)).toBe(live);
  });

  test('is as old as the difference of the times of the server', () => {
    expect(hear(live, { at: live.serverAt! + 1000 })).toMatchObject({
      answeredAt: 2000,
      serverAt: live.serverAt! + 1000,
      idleAt: 2000 + 10 * MINUTE,
      knownAt: 2000,
    });
  });

  test('never moves back the activity that the server knows', () => {
    expect(hear({ ...live, knownAt: MINUTE }).knownAt).toBe(MINUTE);
  });

  test('about the absolute limit says that the idle limit comes later', () => {
    const near = { ...live, absoluteAt: at + 5 * MINUTE, idleAt: at + MINUTE };
    const moved = { ...near, answeredAt: at, serverAt: live.serverAt! + at, idleAt: near.absoluteAt };
    expect(hear(near, { left: 5 * MINUTE })).toEqual(moved);
    expect(hear(near, { left: 5 * MINUTE - 1999 })).toEqual(moved);
    expect(hear(near, { left: 5 * MINUTE + 1999 })).toEqual(moved);
    expect(hear(near, { left: 5 * MINUTE - 2000 })).toMatchObject({ answeredAt: at, idleAt: near.absoluteAt - 2000 });
    expect(hear(near, { left: 5 * MINUTE + 2000 })).toEqual({ ...near, wantedAt: at });
    expect(hear({ ...near, idleAt: at + 9 * MINUTE }, { left: 5 * MINUTE }).idleAt).toBe(at + 9 * MINUTE);
  });

  test('ends the warning if the session was extended', () => {
    const warned = { ...live, phase: 'warning' as const, idleAt: MINUTE };
    expect(hear(warned)).toMatchObject({ phase: 'active', stay: 'idle' });
    expect(hear(warned, { left: 30 * SECOND }).phase).toBe('warning');
  });

  test('ends the warning of the idle limit, too, if it is about the absolute limit', () => {
    const warned = { ...live, phase: 'warning' as const, idleAt: at + 30 * SECOND, absoluteAt: at + 7 * MINUTE };
    expect(hear(warned, { left: 7 * MINUTE })).toMatchObject({ phase: 'active', idleAt: at + 7 * MINUTE });
  });

  test('changes nothing while the page signs out, but makes it ask', () => {
    const leaving = { ...live, phase: 'signing-out' as const };
    expect(hear(leaving)).toEqual({ ...leaving, wantedAt: at });
    expect(hear({ ...leaving, absoluteAt: at + 7 * MINUTE }, { left: 7 * MINUTE }).phase).toBe('signing-out');
  });

  test('about a session that the page does not know is noted with the time of its question', () => {
    const visitor = { ...initialState, phase: 'anonymous' as const, answeredAt: 10 };
    const heard = ofServer.onServerTiming(visitor, 3000, 2500, header({ at: 9000, reason: 'idle' }));
    expect(heard).toEqual({ ...visitor, told: 'idle', claim: 7500, answeredAt: 2500, wantedAt: 3000 });
    expect(ofServer.onServerTiming(visitor, 3000, 5, header()).answeredAt).toBe(10);
    expect(ofServer.onServerTiming(visitor, 500, 5, header()).wantedAt).toBe(1010);
  });

  test('about a living session ends what the page knows about an earlier one', () => {
    const kept = { ...initialState, phase: 'anonymous' as const, fresh: true };
    expect(ofServer.onServerTiming(kept, 3000, 2500, header()).fresh).toBeUndefined();
    expect(ofServer.onServerTiming(kept, 3000, 2500, header({ reason: 'idle' })).fresh).toBe(true);
  });

  test('with the page itself says when to hide the page, or that a session has ended', () => {
    expect(ofServer.onPageTiming(initialState, 100, 50, header({ left: 700 }))).toMatchObject({ idleAt: 750 });
    expect(ofServer.onPageTiming(initialState, 100, 50, header({ reason: 'idle' }))).toEqual({
      ...initialState,
      fresh: true,
    });
  });
});

describe('activity', () => {
  test('counts if it is newer', () => {
    const active = ofPage.onTick(live, at, at);
    expect(active.activeAt).toBe(at);
    expect(ofPage.onTick(active, at, at)).toBe(active);
    expect(ofPage.onTick(active, at, at - 1)).toBe(active);
  });

  test('does not count during the warning, or after the end', () => {
    const warned = { ...live, phase: 'warning' as const };
    expect(ofPage.onTick(warned, at, at)).toBe(warned);
    expect(ofPage.onTick(live, 10 * MINUTE - 1, 10 * MINUTE - 1).activeAt).toBe(10 * MINUTE - 1);
    expect(ofPage.onTick(live, 10 * MINUTE, 10 * MINUTE).activeAt).toBe(-Infinity);
  });

  test('does not keep the warning away for ever', () => {
    const asked = { ...live, answeredAt: 9 * MINUTE };
    expect(ofPage.onTick(asked, 9 * MINUTE, -Infinity)).toEqual({ ...asked, phase: 'warning' });
  });
});

describe('a look at the page', () => {
  test('makes it ask if the last answer is too old', () => {
    expect(ofPage.onLook(live, 10, 10)).toBe(live);
    expect(ofPage.onLook(live, 11, 10).wantedAt).toBe(11);
    expect(ofPage.onLook(live, 1).wantedAt).toBe(1);
  });

  test('does not make it ask again while it waits', () => {
    const waiting = { ...live, wantedAt: 20 };
    expect(ofPage.onLook(waiting, 20, 10)).toBe(waiting);
    expect(ofPage.onLook(waiting, 29, 10)).toBe(waiting);
    expect(ofPage.onLook(waiting, 30, 10).wantedAt).toBe(30);
    expect(ofPage.onLook(waiting, 19, 10).wantedAt).toBe(19);
  });

  test('after the Back button hides it until the answer, unless the last one is just there', () => {
    expect(ofPage.onReturn(live, 51)).toMatchObject({ wantedAt: 51, doubtedAt: 51 });
    expect(isConcealed(ofPage.onReturn(live, 50), 50)).toBe(false);
  });

  test('asks at once, even within the millisecond of an answer and in spite of failures', () => {
    const failing = { ...live, answeredAt: 7, retryAt: MINUTE };
    expect(ofPage.onDoubt(failing, 7)).toMatchObject({ wantedAt: 8, doubtedAt: 8, retryAt: -Infinity });
  });
});

describe('the wish to stay', () => {
  const warned: SessionState = { ...live, phase: 'warning', idleAt: MINUTE, answeredAt: 10 };

  test('is activity that is on its way', () => {
    expect(ofPage.onStay(warned, at)).toMatchObject({ activeAt: at, stay: 'pending', wantedAt: at });
    expect(ofPage.onStay(live, at)).toMatchObject({ activeAt: at, stay: 'pending' });
  });

  test('changes nothing before the absolute limit', () => {
    const absolute = { ...warned, absoluteAt: MINUTE };
    expect(ofPage.onStay(absolute, at)).toBe(absolute);
    expect(ofPage.onStay({ ...absolute, phase: 'active' }, at).stay).toBe('pending');
  });

  test('only makes the page ask if the session may have ended', () => {
    expect(ofPage.onStay(warned, MINUTE)).toEqual({ ...warned, wantedAt: MINUTE });
    const anonymous = ofPage.onAnonymous(live);
    expect(ofPage.onStay(anonymous, at)).toEqual({ ...anonymous, wantedAt: at });
  });

  test('has failed if there is no answer', () => {
    expect(ofServer.onFailure({ ...warned, stay: 'pending' }, at, 0, 0).stay).toBe('failed');
    expect(ofServer.onFailure(warned, at, 0, 0)).toMatchObject({ stay: 'idle', failures: 1 });
  });

  describe('and the answer', () => {
    const stay = ofPage.onStay(warned, 30 * SECOND);
    /** An answer with the end at a minute. */
    const refused = (state: SessionState, askedAt: number, change: object = {}) =>
      ofServer.onAnswer(state, askedAt, askedAt, {
        ...answer(),
        idleLeft: MINUTE - askedAt,
        absoluteLeft: 60 * MINUTE,
        ...change,
      } as PingReply);

    test('has failed if it did not move the end', () => {
      expect(refused(stay, 30 * SECOND)).toMatchObject({ phase: 'warning', stay: 'failed' });
    });

    test('may still come if an older question was answered', () => {
      expect(refused(stay, 30 * SECOND - 1)).toMatchObject({ phase: 'warning', stay: 'pending' });
    });

    test('says nothing of a wish that there is not', () => {
      expect(refused(warned, 30 * SECOND)).toMatchObject({ phase: 'warning', stay: 'idle' });
    });

    test('ends the wish if only the absolute limit is left', () => {
      const absolute = { absoluteLeft: 30 * SECOND };
      expect(refused(stay, 30 * SECOND, absolute)).toMatchObject({ phase: 'warning', stay: 'idle' });
    });

    test('ends the warning if the end is far enough away', () => {
      const far = (left: number) => refused(stay, 30 * SECOND, { idleLeft: left });
      expect(far(MINUTE + 1)).toMatchObject({ phase: 'active', stay: 'idle' });
      expect(far(MINUTE)).toMatchObject({ phase: 'warning', stay: 'failed' });
    });
  });
});

describe('a page that has heard of the server before', () => {
  const known: SessionState = { ...live, answeredAt: 1000, serverAt: 50_000 };

  test('is concealed while another tab signs out', () => {
    expect(ofServer.onTabSignOut(known, at, 'first').phase).toBe('signing-out-elsewhere');
  });

  test('counts the age of a header from the last answer', () => {
    expect(ofServer.onServerTiming(known, at, at, header({ at: 51_000 })).answeredAt).toBe(3000);
  });

  test('does not ask at a look shortly after the last answer', () => {
    expect(ofPage.onLook(known, 1010, 10)).toBe(known);
  });

  test('has no failed wish to stay without a warning', () => {
    const pending = { ...known, stay: 'pending' as const, wantedAt: 9 * MINUTE };
    const reply = { ...answer(), idleLeft: 30 * SECOND } as PingReply;
    expect(ofServer.onAnswer(pending, 9 * MINUTE, 9 * MINUTE, reply)).toMatchObject({
      phase: 'active',
      stay: 'idle',
    });
  });
});
