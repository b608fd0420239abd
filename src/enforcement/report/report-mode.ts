import { hash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { sessionKey } from '../../express-session/session-key.js';
import type { StoreHooks } from '../../express-session/store/store-hooks.js';
import { LedgerUnavailableError } from '../../ledger/ledger-unavailable.error.js';
import { attempt, chain, type MaybePromise } from '../../base/maybe-promise.js';
import { noop } from '../../base/noop.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Decision } from '../lifecycle/decision.js';
import type { RequestState } from '../lifecycle/request-session.js';
import { SessionEvents } from '../timelines/events/session-events.js';
import { Timelines } from '../timelines/timelines.js';
import { asReported } from './reported-decision.js';
import { log } from '../timelines/events/log.js';
import { DAY } from '../../policy/time.js';

/**
 * The option `mode: 'report'`: reports what would have happened to sessions, and prevents it. With `'enforce'`, this
 * class passes everything on unchanged.
 */
@Injectable()
export class ReportMode implements OnApplicationBootstrap {
  readonly isOn: boolean;

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly timelines: Timelines,
    private readonly events: SessionEvents,
  ) {
    this.isOn = settings.mode === 'report';
  }

  onApplicationBootstrap(): void {
    if (this.isOn) {
      log.warn('The option "mode" is "report": no session ends. Set it to "enforce" to end sessions.');
    }
  }

  /** Reports a decision, and returns the decision that is carried out instead. */
  instead(decision: Decision): MaybePromise<Decision> {
    return this.isOn ? chain(this.tell(decision), () => asReported(decision)) : decision;
  }

  /** Does work that may fail. In report mode, our own failure must not make the request fail. */
  harmless<T>(work: () => MaybePromise<T>, otherwise: () => T): MaybePromise<T> {
    if (!this.isOn) return work();
    return attempt(
      work,
      (result) => result,
      (error) => {
        // If the ledger does not answer, the event already has a line in the log.
        if (!(error instanceof LedgerUnavailableError)) {
          log.error('A session could not be judged', error);
        }
        return otherwise();
      },
    );
  }

  /** Returns hooks that leave all rows to the application. */
  over(hooks: StoreHooks): StoreHooks {
    if (!this.isOn) return hooks;
    return {
      ...hooks,
      reloaded: noop,
      saving: (session) => chain(hooks.saving(session), yes),
      savingKept: (...kept) => this.harmless(() => chain(hooks.savingKept(...kept), yes), yes),
      savingData: yes,
      isEnded: () => false,
      sparesTouch: () => false,
      destroying: (sessionId) => this.harmless(() => hooks.destroying(sessionId), yes),
      clearing: (sessionIds) => this.harmless(() => hooks.clearing(sessionIds), yes),
      regenerating: (session) => this.harmless(() => hooks.regenerating(session), yes),
    };
  }

  /** Whether the answer stores and sends the session of a request in any case. */
  leavesAlone({ session, isWithheld }: RequestState): boolean {
    // A fresh session in place of a revoked one is not stored, and our own routes send no new session.
    return this.isOn && session?.kind !== 'ended' && !isWithheld;
  }

  private tell(decision: Decision): MaybePromise<void> {
    if (decision.kind === 'expire') return this.tellExpiry(decision);
    if (decision.kind === 'move' && !decision.from.isTracked) {
      log.warn(
        'Somebody signed in under a session id that was in use before (session fixation). With mode "enforce", the ' +
          'session would get a new id. Call req.session.regenerate() or SessionTimeoutService.renew() when somebody ' +
          'signs in.',
      );
    }
    return undefined;
  }

  /**
   * Reports an expiry once for each session, over all instances, even if the session becomes active again. The ledger
   * ends a key for exactly one caller. So we end a key that is derived from the key of the session, and do not end the
   * session itself.
   */
  private tellExpiry({ sessionId, reason, subject }: Extract<Decision, { kind: 'expire' }>): MaybePromise<void> {
    const session = sessionKey(sessionId);
    const told = hash('sha256', `would-have-expired:${session}`, 'base64url');
    if (this.timelines.recentEnd(told) !== undefined) return undefined;
    return chain(this.timelines.endSilently(told, reason, { absoluteTimeout: MEMORY }), (first) => {
      if (first) this.events.emit({ type: 'would-have-expired', session, user: subject.user, reason });
    });
  }
}

/** How long the report of a session is remembered, in milliseconds. */
const MEMORY = 30 * DAY;

const yes = () => true;
