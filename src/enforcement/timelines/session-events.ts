import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';
import { isExpiry, type Reason } from '../../policy/reason.js';
import type { ExpiredEvent, LedgerFailedEvent, SessionEvent } from '../../policy/session-event.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { HarmlessObservable } from './harmless-observable.js';

/** How often a ledger that goes on failing is logged, in milliseconds. */
const LOG_INTERVAL = 10_000;

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;

/** Reports what becomes of the sessions: as events, to `onExpired`, and in the log. */
@Injectable()
export class SessionEvents {
  private readonly logger = new Logger('SessionTimeout');
  private readonly subject = new Subject<SessionEvent>();
  private silentUntil = 0;
  readonly events$: Observable<SessionEvent> = new HarmlessObservable(this.subject, (error) =>
    this.logger.error('A subscriber of events$ failed', error instanceof Error ? error.stack : error),
  );

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  emit(fact: WithoutTime<SessionEvent>): void {
    const event = { ...fact, at: this.settings.clock.now() } as SessionEvent;
    this.subject.next(event);
    if (event.type === 'expired') {
      this.logger.log(`Session ${event.session} expired (${event.reason})`);
      void this.tellExpired(event);
    }
    if (event.type === 'would-have-expired') {
      this.logger.log(`Session ${event.session} would have expired (${event.reason})`);
    }
    if (event.type === 'ledger-failed') this.logFailure(event);
  }

  /** Reports that a session is over, as `expired` or `ended` by its reason. */
  emitEnd(session: string, reason: Reason, user: string | undefined): void {
    if (isExpiry(reason)) this.emit({ type: 'expired', session, user, reason });
    else this.emit({ type: 'ended', session, user, reason });
  }

  /** Nest does not log a 503, so without this an operator would not find its cause. */
  private logFailure({ error, at }: LedgerFailedEvent): void {
    if (at < this.silentUntil) return;
    this.silentUntil = at + LOG_INTERVAL;
    const effect =
      this.settings.mode === 'report'
        ? 'sessions are not judged until it answers'
        : 'signed-in users get 503 until it answers';
    this.logger.error(`${error.message}; ${effect}`, error.cause ?? error.stack);
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
