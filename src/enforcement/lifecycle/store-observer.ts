import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { StoreHooks } from '../../express-session/guarded-store.js';
import { sessionKey } from '../../express-session/session-key.js';
import { chain, type MaybePromise } from '../../ledger/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { currentSession, knownState, type LiveSession, type RequestState, setEnded } from './request-session.js';
import { Timelines } from './timelines.js';

/** Keeps the timelines right when the application itself destroys, regenerates or saves a session. */
@Injectable()
export class StoreObserver implements StoreHooks {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
  ) {}

  /** Whoever destroys a session that is tracked signs its user out. */
  destroying(sessionId: string): MaybePromise<unknown> {
    const key = sessionKey(sessionId);
    return chain(this.timelines.read(key), (record) =>
      record?.state === 'open' ? this.timelines.end(key, 'signed-out', { user: record.user }) : undefined,
    );
  }

  /** A session is regenerated when somebody signs in, and by passport also when somebody signs out. */
  async regenerating(req: Request): Promise<void> {
    const state = knownState(req);
    if (!state) return;
    const session = currentSession(state);
    if (session?.kind !== 'live') return;
    const reason = (await this.userIsGone(state, session)) ? 'signed-out' : 'replaced';
    await this.timelines.end(session.key, reason, session);
    setEnded(state, session, reason, 'here');
  }

  isEnded(sessionId: string): MaybePromise<boolean> {
    return chain(this.timelines.read(sessionKey(sessionId)), (record) => record?.state === 'ended');
  }

  /** passport signs out by taking the user off the session, and then regenerates it. */
  private async userIsGone({ req, http }: RequestState, session: LiveSession): Promise<boolean> {
    if (!this.settings.identify) return session.hadUser && !http.hasUser;
    return session.user !== undefined && (await this.settings.identify(req)) === undefined;
  }
}
