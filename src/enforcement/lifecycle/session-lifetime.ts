import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { filter, merge, Observable, take, takeUntil } from 'rxjs';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { type LiveSession, verdictOn } from './request-session.js';
import { SessionEvents } from '../timelines/session-events.js';
import { Timelines } from '../timelines/timelines.js';

/** The longest delay a timer takes; a longer one fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Ends what lasts longer than a request, like an event stream, together with its session. */
@Injectable()
export class SessionLifetime {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
    private readonly events: SessionEvents,
  ) {}

  /** The stream until its session ends: at a limit, or because this instance ended it. */
  limit<T>(stream: Observable<T>, req: Request, session: LiveSession): Observable<T> {
    if (this.settings.mode === 'report') return stream;
    const endedHere = this.events.events$.pipe(
      filter((event) => event.session === session.key && (event.type === 'ended' || event.type === 'expired')),
    );
    return stream.pipe(takeUntil(merge(this.deadline(req, session), endedHere).pipe(take(1))));
  }

  /** Emits once the session is over. Activity moves the deadline, so the ledger is asked when it comes. */
  private deadline(req: Request, session: LiveSession): Observable<void> {
    return new Observable((subscriber) => {
      let timer: NodeJS.Timeout;
      const arm = (expiresIn: number) => {
        timer = setTimeout(() => void check(), Math.min(Math.ceil(expiresIn), LONGEST_TIMER));
      };
      const check = async () => {
        const left = await this.timeLeft(req, session);
        if (subscriber.closed) return;
        if (left > 0) arm(left);
        else subscriber.next();
      };
      const verdict = verdictOn(session, this.settings.clock.now());
      arm(verdict.alive ? verdict.expiresIn : 0);
      return () => clearTimeout(timer);
    });
  }

  /** Milliseconds the session has left; 0 if it is over or cannot be judged. */
  private async timeLeft(req: Request, { key, user, startedAt }: LiveSession): Promise<number> {
    try {
      const limits = await this.settings.limitsFor(req, user);
      return await this.timelines.timeLeft(key, { user, limits }, startedAt);
    } catch {
      return 0;
    }
  }
}
