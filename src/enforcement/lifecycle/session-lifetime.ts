import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { filter, merge, Observable, take, takeUntil } from 'rxjs';
import type { ActivityLedger } from '../../ledger/activity-ledger.js';
import { judge } from '../../policy/verdict.js';
import { LEDGER } from './ledger.token.js';
import { SessionEvents } from './session-events.js';
import { SessionEnder } from './request-sessions.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { LiveVisit } from './request-session.js';

/** The longest delay a timer takes; a longer one fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Ends long-lived streams when their session ends. */
@Injectable()
export class StreamDeadline {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly ender: SessionEnder,
    private readonly events: SessionEvents,
  ) {}

  /** The stream until its session ends: at a limit, or because this instance ended it. */
  limit<T>(stream: Observable<T>, req: Request, visit: LiveVisit): Observable<T> {
    const endedHere = this.events.events$.pipe(
      filter(({ type, session }) => session === visit.key && (type === 'ended' || type === 'expired')),
    );
    return stream.pipe(takeUntil(merge(this.deadline(req, visit), endedHere).pipe(take(1))));
  }

  /** Emits once the session is over. Activity moves the deadline, so the ledger is asked when it comes. */
  private deadline(req: Request, visit: LiveVisit): Observable<void> {
    return new Observable((subscriber) => {
      let timer: NodeJS.Timeout;
      const arm = (expiresIn: number) => {
        timer = setTimeout(() => void check(), Math.min(Math.ceil(expiresIn), LONGEST_TIMER));
      };
      const check = async () => {
        const left = await this.timeLeft(req, visit);
        if (subscriber.closed) return;
        if (left > 0) arm(left);
        else subscriber.next();
      };
      const now = this.settings.clock.now();
      const verdict = judge({ sessionAge: now - visit.startedAt, idleFor: now - visit.activeAt }, visit.limits);
      arm(verdict.alive ? verdict.expiresIn : 0);
      return () => clearTimeout(timer);
    });
  }

  /** Milliseconds the session has left; 0 if it is over, which is then recorded, or cannot be told. */
  private async timeLeft(req: Request, visit: LiveVisit): Promise<number> {
    try {
      const limits = await this.settings.limitsFor(req, visit.user);
      const record = await this.ledger.read(visit.key);
      if (record?.state !== 'open') return 0;
      const verdict = judge(record, limits);
      if (verdict.alive) return verdict.expiresIn;
      await this.ender.endRecord(visit.key, verdict.reason, visit.user, limits);
      return 0;
    } catch {
      return 0;
    }
  }
}
