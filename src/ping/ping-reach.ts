import { Injectable } from '@nestjs/common';
import { mountedSession } from '../express-session/mounted-session.js';
import { presentsSignedCookie } from '../express-session/presented-cookie.js';
import type { RequestState } from '../enforcement/lifecycle/request-session.js';
import { requestedPath } from '../enforcement/request/requested-url.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { log } from '../enforcement/timelines/events/log.js';

/**
 * Warns if express-session is not mounted for the ping. If a module or a middleware of the application mounts it, the
 * router does not show this at startup.
 */
@Injectable()
export class PingReach {
  private isTold = false;

  constructor(private readonly flow: SessionFlow) {}

  /**
   * Handles a ping without a session. It should have one if other requests have sessions and the browser has sent a
   * cookie.
   */
  noteMissing({ req }: RequestState): void {
    if (this.isTold || !this.flow.stores.areKnown || mountedSession(req) || !presentsSignedCookie(req)) return;
    this.isTold = true;
    log.warn(
      `A browser has sent a session cookie to ${requestedPath(req)}, but express-session is not mounted for this path: ` +
        'the browser is told that nobody is signed in. Mount express-session for all paths, app.use(session({ … })), ' +
        'add the path to its forRoutes(), or set "path" of the module to one where it is mounted.',
    );
  }
}
