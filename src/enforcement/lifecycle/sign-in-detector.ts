import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { HttpSession } from '../../express-session/http-session.js';
import { chain, type MaybePromise } from '../../ledger/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Decision } from './decision.js';
import { currentSession, type RequestState } from './request-session.js';

/** Decides, once a handler is done, whether somebody has signed in meanwhile. It changes nothing on the request. */
@Injectable()
export class SignInDetector {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /**
   * Another user under an id that the browser had before is what session fixation looks like: the session
   * moves to a new id. `undefined` if nobody has signed in.
   */
  detect(state: RequestState): MaybePromise<Decision | undefined> {
    const { req, http } = state;
    if (!http.exists) return undefined;
    const known = currentSession(state);
    const live = known?.kind === 'live' ? known : undefined;
    const { identify, cookieName } = this.settings;
    if (live && !identify) return undefined;

    return chain(identify?.(req), (user) => {
      if (live) return isSomebodyElse(live.user, user) ? this.decide('move', req, user, live) : undefined;
      if (!isTracked(http, user, this.settings)) return undefined;
      const isReused = known !== undefined && user !== undefined && http.isPresented(cookieName);
      return this.decide(isReused ? 'move' : 'begin', req, user);
    });
  }

  private decide(
    kind: 'begin' | 'move',
    req: Request,
    user: string | undefined,
    from?: { readonly user: string | undefined },
  ): MaybePromise<Decision> {
    return chain(this.settings.limitsFor(req, user), (limits) => ({ kind, subject: { user, limits }, from }));
  }
}

/** Whether a session is tracked. An empty one is nobody's: a user came by other means, like an API token. */
export function isTracked(http: HttpSession, user: string | undefined, { identify }: Settings): boolean {
  return http.holdsData && (user !== undefined || !identify);
}

export function isSomebodyElse(known: string | undefined, user: string | undefined): boolean {
  return known !== undefined && user !== undefined && known !== user;
}
