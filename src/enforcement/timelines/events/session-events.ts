import { Inject, Injectable } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { SETTINGS, type Settings } from '../../../options/settings.js';
import type { AuditedRequest, EndedBy } from '../../../policy/audit-entry.js';
import { isExpiry, type Reason } from '../../../policy/reason.js';
import type { LedgerFailedEvent, SessionEvent } from '../../../policy/session-event.js';
import { type AuditNote, AuditTrail } from './audit-trail.js';
import { callOut } from './call-out.js';
import { log } from './log.js';
import { HarmlessObservable } from './harmless-observable.js';
import { Seldom } from '../../../base/seldom.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** More about an end, for the audit trail. */
export interface EndNotes {
  /** Who ended it. Default: the usual one for the reason. */
  readonly by?: EndedBy | undefined;
  /** Whether the session goes on under another id. Then its renewal is the entry. */
  readonly goesOn?: boolean | undefined;
}

/** More about a start, for the audit trail. */
export interface StartNotes {
  /** The key of the earlier session that this one continues. */
  readonly continues?: string | undefined;
  /**
   * Set if the earlier session was the same user's, so that the session only gets a new id. Says whether the absolute
   * limit restarts.
   */
  readonly renewal?: { readonly restartsLimits: boolean } | undefined;
}

/**
 * Reports what happens to sessions: as events, to `onExpired`, in the log, and to the audit trail. Each event is also
 * an entry of the audit trail.
 */
@Injectable()
export class SessionEvents {
  private readonly subject = new Subject<SessionEvent>();
  private readonly seldom = new Seldom();
  readonly events$: Observable<SessionEvent> = new HarmlessObservable(this.subject, (error) =>
    log.error('A subscriber of events$ failed', error),
  );

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly trail: AuditTrail,
  ) {}

  /** Reports that a session would have expired (in report mode), or that a report of activity was rejected. */
  emit(fact: WithoutTime<Extract<SessionEvent, { type: 'would-have-expired' | 'report-rejected' }>>): void {
    this.report(fact, fact);
    if (fact.type === 'would-have-expired') {
      log.info(`Session ${fact.session} would have expired (${fact.reason})`);
    }
  }

  emitStart(session: string, user: string | undefined, { continues, renewal }: StartNotes = {}): void {
    const note: AuditNote =
      renewal && continues !== undefined
        ? { type: 'renewed', session, user, continues, ...renewal }
        : { type: 'started', session, user, continues };
    this.report({ type: 'started', session, user }, note);
  }

  /** Reports the end of a session, as `expired` or `ended`, depending on the reason. */
  emitEnd(session: string, reason: Reason, user: string | undefined, { by, goesOn }: EndNotes = {}): void {
    if (!isExpiry(reason)) {
      const fact = { type: 'ended', session, user, reason } as const;
      this.report(fact, goesOn ? undefined : { ...fact, by: by ?? USUALLY[reason] });
      return;
    }
    const fact = { type: 'expired', session, user, reason } as const;
    const at = this.report(fact, fact);
    log.info(`Session ${session} expired (${reason})`);
    void callOut('onExpired failed, but the session has ended', () => this.settings.onExpired?.({ ...fact, at }));
  }

  emitFailure(error: Error): void {
    const at = this.report({ type: 'ledger-failed', error }, { type: 'ledger-failed', message: error.message });
    this.logFailure({ type: 'ledger-failed', error, at });
  }

  /**
   * Adds an entry to the audit trail only.
   *
   * @param describe the request, if it is not the current one
   */
  note(note: AuditNote, describe?: () => AuditedRequest): void {
    this.trail.record(note, this.settings.clock.now(), describe);
  }

  private report(fact: WithoutTime<SessionEvent>, note: AuditNote | undefined): number {
    const at = this.settings.clock.now();
    this.subject.next({ ...fact, at } as SessionEvent);
    if (note) this.trail.record(note, at);
    return at;
  }

  /** Nest does not log a 503. Without this line, an operator would not find its cause. */
  private logFailure({ error, at }: LedgerFailedEvent): void {
    if (!this.seldom.isTime(at)) return;
    const effect =
      this.settings.mode === 'report'
        ? 'sessions are not judged until it answers'
        : 'signed-in users get 503 until it answers';
    log.error(`${error.message}; ${effect}`, error.cause ?? error);
  }
}

/** Who usually ends a session, by reason. */
const USUALLY = {
  'signed-out': 'user',
  replaced: 'user',
  revoked: 'application',
  displaced: 'policy',
} as const satisfies Partial<Record<Reason, EndedBy>>;
