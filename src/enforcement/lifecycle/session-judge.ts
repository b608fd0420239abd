import { Inject, Injectable } from '@nestjs/common';
import type { Marker } from '../../express-session/marker.js';
import { sessionKey } from '../../express-session/session-key.js';
import type { LedgerRecord, OpenRecord } from '../../ledger/activity-ledger.js';
import { LedgerUnavailableError } from '../../ledger/ledger-unavailable.error.js';
import { attempt, chain, type MaybePromise } from '../../base/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { problemOfId } from '../../policy/identifier.js';
import type { Limits } from '../../policy/limits.js';
import { isReason } from '../../policy/reason.js';
import { standingOf } from '../../policy/standing.js';
import type { Subject } from '../timelines/subject.js';
import type { Decision } from './decision.js';
import { changeOf, type Owner, ownerOf, ownerWhenLoaded } from './identity.js';
import type { RequestState } from './request-session.js';
import { Timelines } from '../timelines/timelines.js';

const ANONYMOUS: Decision = { kind: 'anonymous' };

/**
 * Decides what to do with the session on a request, and leaves the doing to others. It only notes in the state what it
 * has learnt, and reading the record may adopt a session of an earlier run.
 */
@Injectable()
export class SessionJudge {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
  ) {}

  /**
   * Judges the session of a request that has come, with the record from the ledger.
   *
   * @param idleFor returns how long ago the user was active, according to the request; asked only if the ledger does not
   *   answer
   */
  judge(state: RequestState, idleFor: () => number | undefined): MaybePromise<Decision> {
    const { req, http } = state;
    if (http.fault !== undefined) return lost(http.presentedId as string, http.fault);
    if (state.isRegenerated) return this.judgeRegenerated(state);
    const { key } = http;
    const marker = http.isReadable ? http.readMarker(key) : 'malformed';
    if (marker === 'malformed') return lost(http.id, 'malformed marker');

    const owner = this.ownerAtArrival(state);
    if (!marker && !owner.isTracked) return this.judgeUntracked(state);
    return chain(this.settings.limitsFor(req, owner.user), (limits) => {
      const subject = { user: owner.user, limits };
      const { user } = owner;
      const maxFor = () => (user === undefined ? false : this.settings.maxSessions?.(req, user));
      // Another application may have stored an id that no ledger can store.
      const isUnusable = http.origin === 'loaded' && user !== undefined && problemOfId(user) !== undefined;
      const adopted = isUnusable ? undefined : marker;
      const record = this.timelines.findOrAdopt(key, subject, adopted, { ahead: state.ahead, idleFor, maxFor });
      return chain(record, (found): Decision => {
        if (!found && isUnusable) return lost(http.id, 'unusable id of a user');
        if (!found && !marker) return { kind: 'track', owner, isMarked: true };
        return this.weigh(state, subject, marker, found);
      });
    });
  }

  /**
   * Judges a session that is about to be written. If another user signs in under an id that the browser had before,
   * this may be session fixation: others may know the id, and must not be served as this user.
   *
   * @returns `undefined` if the owner is still the same
   */
  judgeWriting({ http, owner: known, canChangeId }: RequestState): Decision | undefined {
    const before = known ?? ownerWhenLoaded(http, this.settings);
    const owner = ownerOf(http.data, this.settings, before);
    const change = changeOf(before, owner);
    if (!change) return undefined;
    if (change === 'sign-in' && !http.isReused) return { kind: 'begin', owner };
    if (!canChangeId) return { kind: 'cut', change, from: before };
    return change === 'sign-out' ? { kind: 'leave', from: before } : { kind: 'move', owner, from: before };
  }

  /** The user whom the data of the session names; `undefined` if it names none. */
  userOf({ http }: RequestState): string | undefined {
    return http.exists ? ownerOf(http.data, this.settings).user : undefined;
  }

  /** Judges a session that the application has regenerated since the request came. */
  private judgeRegenerated(state: RequestState): MaybePromise<Decision> {
    const { session: before, ownerBefore } = state;
    state.ownerBefore = undefined;
    if (ownerBefore && before?.kind === 'ended' && before.ended === 'before' && !this.isOfAnother(state, ownerBefore)) {
      const { key, reason, user } = before;
      return { kind: 'already-ended', key, reason, user, isEmptied: true };
    }
    const decision = this.judgeWriting(state);
    if (decision?.kind === 'begin') return { ...decision, isEarly: state.answerer === undefined };
    return decision ?? this.judgeUntracked(state);
  }

  /** Whether the session belongs to another user than before. Without `identify`, nobody can tell. */
  private isOfAnother({ http }: RequestState, before: Owner): boolean {
    const { user } = ownerOf(http.data, this.settings);
    return this.settings.identify !== undefined && user !== undefined && user !== before.user;
  }

  /**
   * The owner of the session when express-session loaded it. A middleware before ours may have filled a new session,
   * for example from another cookie ("remember me").
   */
  private ownerAtArrival(state: RequestState): Owner {
    const { http } = state;
    if (http.origin === 'loaded' && state.owner) return state.owner;
    const isLoaded = http.origin === 'loaded' && http.isReused;
    const owner = ownerOf(isLoaded ? http.loaded : http.data, this.settings);
    state.owner = owner;
    return owner;
  }

  /**
   * Judges a request without a tracked session. Its cookie may name a session that ended while other requests were
   * under way.
   */
  private judgeUntracked({ http, session: known }: RequestState): MaybePromise<Decision> {
    const presented = http.presentedId;
    if (presented === undefined || presented === http.id) return ANONYMOUS;

    const key = sessionKey(presented);
    const endedByThisRequest = known?.kind === 'ended' && known.key === key;
    if (endedByThisRequest) return ANONYMOUS;
    return attempt(
      () => this.timelines.read(key),
      (record): Decision =>
        record?.state === 'ended' && isReason(record.reason)
          ? { kind: 'already-ended', key, reason: record.reason, user: record.user }
          : ANONYMOUS,
      (error) => {
        // The request has no user in any case. A later one will learn why the session has ended.
        if (error instanceof LedgerUnavailableError) return ANONYMOUS;
        throw error;
      },
    );
  }

  /**
   * Whether a session was within its idle limit when express-session found it. Since then, other middleware may have waited
   * for a slow body. The absolute limit counts as it is now.
   */
  private cameInTime({ cameAt }: RequestState, record: OpenRecord | undefined, limits: Limits): boolean {
    if (cameAt === undefined || !record) return false;
    const idleFor = Math.max(0, record.idleFor - (this.settings.clock.now() - cameAt));
    return standingOf({ ...record, idleFor }, limits).state === 'alive';
  }

  /**
   * Whether the end of a session without a record has been reported already: it is past its absolute limit, and the sweep
   * ends sessions without a request. The ledger has forgotten the end since then.
   */
  private wasReported({ startedAt }: Marker, { absoluteTimeout }: Limits): boolean {
    const { ledger, mode, sweepInterval, clock } = this.settings;
    const isSwept = mode === 'enforce' && ledger.shared && ledger.users !== undefined && sweepInterval !== false;
    return isSwept && absoluteTimeout !== false && clock.now() - startedAt >= absoluteTimeout;
  }

  private weigh(
    state: RequestState,
    { user, limits }: Subject,
    marker: Marker | undefined,
    record: LedgerRecord | undefined,
  ): Decision {
    const { id: sessionId, key } = state.http;
    if (!record && marker && this.wasReported(marker, limits)) return { kind: 'remove', key, reason: 'absolute', user };
    const standing = standingOf(record, limits);
    const known = record?.user;
    if (standing.state === 'ended') return { kind: 'remove', key, reason: standing.reason, user: known };
    const subject = { user: user ?? known, limits };
    const open = record?.state === 'open' ? record : undefined;
    if (standing.state === 'overdue' && !(standing.reason === 'idle' && this.cameInTime(state, open, limits)))
      return { kind: 'expire', sessionId, reason: standing.reason, subject, record: open };
    if (known !== undefined && known !== user && this.settings.identify) {
      const reason = user === undefined ? 'signed-out' : 'revoked';
      return { kind: 'mismatch', key, reason, subject: { user: known, limits }, record: record as OpenRecord };
    }
    const isMarked = marker !== undefined && marker.run === this.timelines.runId;
    return { kind: 'continue', key, record: record as OpenRecord, subject, isMarked };
  }
}

function lost(sessionId: string, fault: string): Decision {
  return { kind: 'expire', sessionId, reason: 'lost', subject: {}, fault };
}
