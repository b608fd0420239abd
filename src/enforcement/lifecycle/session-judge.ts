import { Inject, Injectable } from '@nestjs/common';
import type { Marker } from '../../express-session/marker.js';
import { presentedSessionId } from '../../express-session/presented-cookie.js';
import { sessionKey } from '../../express-session/session-key.js';
import type { LedgerRecord, OpenRecord } from '../../ledger/activity-ledger.js';
import { chain, type MaybePromise } from '../../ledger/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { isReason } from '../../policy/reason.js';
import { standingOf } from '../../policy/standing.js';
import type { Decision } from './decision.js';
import type { RequestState, Subject } from './request-session.js';
import { isSomebodyElse, isTracked } from './sign-in-detector.js';
import { Timelines } from './timelines.js';

const ANONYMOUS: Decision = { kind: 'anonymous' };

/** Decides what is to become of the session that a request came with. It changes nothing on the request. */
@Injectable()
export class SessionJudge {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
  ) {}

  /**
   * What came, what the ledger knows of it, and what follows.
   *
   * @param isActivity whether the request is a sign of life; asked only if the ledger does not answer
   */
  judge(state: RequestState, isActivity: () => boolean): MaybePromise<Decision> {
    const { req, http } = state;
    const { key } = http;
    const marker = http.isReadable ? http.readMarker(key) : 'malformed';
    if (marker === 'malformed') return { kind: 'expire', key, reason: 'lost', subject: {} };

    return chain(this.settings.identify?.(req), (user) => {
      if (!marker && !isTracked(http, user, this.settings)) return this.judgeUntracked(state);
      return chain(this.settings.limitsFor(req, user), (limits) => {
        const subject = { user, limits };
        const record = this.timelines.find(key, subject, marker, isActivity);
        return chain(record, (found) => this.weigh(key, subject, marker, found));
      });
    });
  }

  /** Perhaps the cookie names a session that ended while other requests were under way. */
  private judgeUntracked({ req, http, session: known }: RequestState): MaybePromise<Decision> {
    const presented = presentedSessionId(req, this.settings.cookieName);
    if (presented === undefined || presented === http.id) return ANONYMOUS;

    const key = sessionKey(presented);
    const endedByThisRequest = known?.kind === 'ended' && known.key === key && known.sessionId === undefined;
    if (endedByThisRequest) return ANONYMOUS;
    return chain(this.timelines.read(key), (record) =>
      record?.state === 'ended' && isReason(record.reason)
        ? { kind: 'removed', key, reason: record.reason, user: record.user }
        : ANONYMOUS,
    );
  }

  private weigh(
    key: string,
    { user, limits }: Subject,
    marker: Marker | undefined,
    record: LedgerRecord | undefined,
  ): Decision {
    const standing = standingOf(record, limits);
    const known = record?.user;
    if (standing.state === 'ended') return { kind: 'remove', key, reason: standing.reason, user: known };
    const subject = { user: user ?? known, limits };
    if (standing.state === 'overdue') return { kind: 'expire', key, reason: standing.reason, subject };
    if (isSomebodyElse(known, user)) return { kind: 'move', subject, from: { user: known } };
    const isMarked = marker !== undefined && marker.run === this.timelines.runId;
    return { kind: 'continue', key, record: record as OpenRecord, subject, isMarked };
  }
}
