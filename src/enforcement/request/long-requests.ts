import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { LiveSession, RequestState } from '../lifecycle/request-session.js';
import { RequestSessions } from '../lifecycle/request-sessions.js';
import { Timelines } from '../lifecycle/timelines.js';

/**
 * Counts a long request when it ends, too: somebody has waited for the answer of an export or an upload. A session that
 * has ended meanwhile stays ended.
 */
@Injectable()
export class LongRequests {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
    private readonly sessions: RequestSessions,
  ) {}

  /** The request has been recorded as activity. */
  follow(state: RequestState): void {
    // Not `close`: a connection that breaks off says nothing about the user.
    state.res.once('finish', () => {
      const { session } = state;
      if (session?.kind !== 'live') return;
      if (this.settings.clock.now() - session.activeAt <= this.settings.touchInterval) return;
      // The answer is out. The event `ledger-failed` tells of a failure.
      this.advance(session).catch(() => undefined);
    });
  }

  private async advance(session: LiveSession): Promise<void> {
    // Other requests may have kept the session alive, or have ended it.
    const left = await this.timelines.timeLeft(session.key, session, session.startedAt);
    if (left > 0) await this.sessions.advance(session, 0);
  }
}
