import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { LiveSession, RequestState } from '../lifecycle/request-session.js';
import { RequestSessions } from '../lifecycle/request-sessions.js';
import { Timelines } from '../timelines/timelines.js';

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

  /**
   * The handler has sent headers, or has ended the answer. Most requests are over by now: only one that has taken long
   * or still has something to send is followed to its end, as a listener for each would make all of them dearer.
   */
  follow(state: RequestState): void {
    if (!state.isActivity || state.isFollowed) return;
    if (!this.isLong(state) && state.res.writableLength === 0) return;
    state.isFollowed = true;
    // First of all listeners: Node's own takes the connection away.
    state.res.prependOnceListener('finish', () => {
      // A connection that breaks off says nothing about the user.
      if (state.res.socket?.destroyed || !this.isLong(state)) return;
      // The answer is out. The event `ledger-failed` tells of a failure.
      this.advance(state.session as LiveSession).catch(() => undefined);
    });
  }

  private isLong({ session }: RequestState): boolean {
    const { clock, touchInterval } = this.settings;
    return session?.kind === 'live' && clock.now() - session.activeAt > touchInterval;
  }

  private async advance(session: LiveSession): Promise<void> {
    // Other requests may have kept the session alive, or have ended it.
    const left = await this.timelines.timeLeft(session.key, session, session.startedAt);
    if (left > 0) await this.sessions.advance(session, 0);
  }
}
