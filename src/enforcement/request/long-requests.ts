import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { touchIntervalFor } from '../../policy/limits.js';
import { standingOf } from '../../policy/standing.js';
import type { LiveSession, RequestState } from '../lifecycle/request-session.js';
import { RequestSessions } from '../lifecycle/request-sessions.js';
import { Timelines } from '../timelines/timelines.js';

/**
 * Counts a long request again when it ends, because its user has waited for an export or an upload. A session that has
 * ended meanwhile stays ended.
 */
@Injectable()
export class LongRequests {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
    private readonly sessions: RequestSessions,
  ) {}

  /**
   * Follows a request to its end, when the handler has sent headers or has ended the answer. Only requests that have
   * taken long or still have something to send are followed, because a listener for each request would cost too much.
   */
  follow(state: RequestState): void {
    if (!state.isActivity || state.isFollowed) return;
    if (!this.isLong(state) && state.res.writableLength === 0) return;
    state.isFollowed = true;
    // This has to be the first listener, because Node's own listener removes the connection.
    state.res.prependOnceListener('finish', () => {
      // A broken connection says nothing about the user.
      if (state.res.socket?.destroyed || !this.isLong(state)) return;
      // The answer is out. The event `ledger-failed` tells of a failure.
      this.advance(state.session as LiveSession, this.settings.clock.now()).catch(() => undefined);
    });
  }

  private isLong({ session }: RequestState): boolean {
    if (session?.kind !== 'live') return false;
    const { clock, touchInterval } = this.settings;
    return clock.now() - session.activeAt > touchIntervalFor(session.limits.idleTimeout, touchInterval);
  }

  /** @param at when the answer was complete. The process may be paused then, and go on much later. */
  private async advance(session: LiveSession, at: number): Promise<void> {
    // Other requests may have kept the session alive, or have ended it. A session that is past a limit ends later, as if
    // this request had not been sent.
    const record = await this.timelines.findOrAdopt(session.key, session, undefined);
    if (standingOf(record, session.limits).state !== 'alive') return;
    await this.sessions.advance(session, Math.max(0, this.settings.clock.now() - at));
  }
}
