import { Inject, Injectable } from '@nestjs/common';
import { authAgeOf } from '../enforcement/lifecycle/authentication.js';
import { currentSession, type RequestState } from '../enforcement/lifecycle/request-session.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { SETTINGS, type Settings } from '../options/settings.js';

/** Knows how long ago users have proved who they are. */
@Injectable()
export class FreshAuth {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly flow: SessionFlow,
  ) {}

  /** Milliseconds since the user of a request proved it; `Infinity` if nobody is signed in. */
  async ageOf(state: RequestState): Promise<number> {
    await this.flow.arrive(state);
    const session = currentSession(state);
    return session?.kind === 'live' ? authAgeOf(state, session, this.settings) : Infinity;
  }
}
