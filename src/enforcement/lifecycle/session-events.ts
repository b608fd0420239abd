import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { type ExpiryReason, isExpiry, type Reason } from '../../policy/reason.js';
import { SETTINGS, type Settings } from '../../options/settings.js';

interface SessionFact {
  /** The SHA-256 of the session id. */
  readonly session: string;
  /** Whose session it is, as `identify` gives it. */
  readonly user?: string | undefined;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** A session has begun: somebody signed in, or data was first put into it. */
export interface StartedEvent extends SessionFact {
  readonly type: 'started';
}

/** A limit was reached, or what was stored of the session is gone. Fires once, over all instances. */
export interface ExpiredEvent extends SessionFact {
  readonly type: 'expired';
  readonly reason: ExpiryReason;
}

/** Somebody ended the session. Fires once, over all instances. */
export interface EndedEvent extends SessionFact {
  readonly type: 'ended';
  readonly reason: Exclude<Reason, ExpiryReason>;
}

/** A browser's report was not taken in. */
export interface ReportRejectedEvent extends SessionFact {
  readonly type: 'report-rejected';
  /** It was no plain decimal, came from another site, or belongs to another sign-in. */
  readonly reason: 'malformed' | 'cross-site' | 'other-session';
}

/** The ledger did not answer; requests of signed-in users get 503 until it does. */
export interface LedgerFailedEvent {
  readonly type: 'ledger-failed';
  readonly session?: undefined;
  readonly user?: undefined;
  readonly reason?: undefined;
  readonly error: Error;
  readonly at: number;
}

/** What `SessionTimeoutService.events$` tells. */
export type SessionEvent =
  | (StartedEvent & { readonly reason?: undefined })
  | ExpiredEvent
  | EndedEvent
  | ReportRejectedEvent
  | LedgerFailedEvent;

/** How often a ledger that goes on failing is logged, in milliseconds. */
const LOG_INTERVAL = 10_000;

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** Tells the application what becomes of its sessions. */
@Injectable()
export class SessionEvents {
  private readonly logger = new Logger('SessionTimeout');
  private readonly subject = new Subject<SessionEvent>();
  private silentUntil = 0;
  readonly events$: Observable<SessionEvent> = this.subject.asObservable();

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  emit(fact: WithoutTime<SessionEvent>): void {
    const event = { ...fact, at: this.settings.clock.now() } as SessionEvent;
    this.subject.next(event);
    if (event.type === 'expired') {
      this.logger.log(`Session ${event.session} expired (${event.reason})`);
      void this.tellExpired(event);
    }
    if (event.type === 'ledger-failed') this.logFailure(event);
  }

  /** Tells that a session is over, as `expired` or `ended` by its reason. */
  emitEnd(session: string, reason: Reason, user: string | undefined): void {
    if (isExpiry(reason)) this.emit({ type: 'expired', session, user, reason });
    else this.emit({ type: 'ended', session, user, reason });
  }

  /** Nest logs no answer of 503: without this an operator would look for its cause in vain. */
  private logFailure({ error, at }: LedgerFailedEvent): void {
    if (at < this.silentUntil) return;
    this.silentUntil = at + LOG_INTERVAL;
    this.logger.error(`${error.message}; signed-in users get 503 until it answers`, error.cause ?? error.stack);
  }

  private async tellExpired(event: ExpiredEvent): Promise<void> {
    try {
      await this.settings.onExpired?.(event);
    } catch (error) {
      this.logger.error(
        'onExpired failed; the session has ended all the same',
        error instanceof Error ? error.stack : error,
      );
    }
  }
}
