import { Inject, Injectable } from '@nestjs/common';
import { authAgeOf } from '../enforcement/lifecycle/authentication.js';
import { currentSession, type RequestState } from '../enforcement/lifecycle/request-session.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { SessionEvents } from '../enforcement/timelines/events/session-events.js';
import { log } from '../enforcement/timelines/events/log.js';
import { maxAgeWarnings } from '../enforcement/startup/setup-warnings.js';
import { SETTINGS, type Settings } from '../options/settings.js';

/** Knows how long ago users authenticated. */
@Injectable()
export class FreshAuth {
  /** The warnings that have been logged. */
  private readonly warnings = new Set<string>();

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly flow: SessionFlow,
    private readonly events: SessionEvents,
  ) {}

  /**
   * Milliseconds since the user of a request authenticated; `Infinity` if nobody is signed in.
   *
   * @throws SessionUnavailableException (503) if the session is missing because its store is disconnected
   */
  async ageOf(state: RequestState): Promise<number> {
    // The handler may give the session a new id meanwhile.
    const session = await this.flow.lookAgain(state);
    if (!session) this.flow.refuseIfSessionIsMissing(state);
    return session?.kind === 'live' ? authAgeOf(state, session, this.settings) : Infinity;
  }

  /** Notes that a request was refused because its user authenticated too long ago. */
  noteRefusal(state: RequestState, maxAge: number, authAge: number): void {
    const session = currentSession(state);
    const known = session?.kind === 'live' ? { session: session.key, user: session.user } : {};
    const age = Number.isFinite(authAge) ? authAge : null;
    this.events.note({ type: 'reauthentication-required', ...known, maxAge, authAge: age });
    for (const warning of maxAgeWarnings(maxAge)) {
      if (!this.warnings.has(warning)) log.warn(warning);
      this.warnings.add(warning);
    }
  }
}
