import { mountedSession } from '../../express-session/mounted-session.js';
import { SessionStores } from '../../express-session/store/session-stores.js';
import type { RequestState } from '../lifecycle/request-session.js';
import { log } from '../timelines/events/log.js';

/** The session stores of the application, and the requests that lack a session. */
export class ApplicationStores extends SessionStores {
  private isMissingTold = false;

  /**
   * Whether a request without a session should have one. Otherwise, the request is anonymous. Logs an error once if no
   * request has had a session so far, and express-session is not mounted.
   */
  isSessionMissing({ req, http }: RequestState): boolean {
    if (http.origin !== 'unseen') return false;
    if (!this.areKnown && !mountedSession(req)) this.tellThatItIsMissing();
    return this.lacksSession(req);
  }

  private tellThatItIsMissing(): void {
    if (this.isMissingTold) return;
    this.isMissingTold = true;
    log.error(
      'There is no session on the request, and no earlier request had one. Unless a module mounts ' +
        'express-session for other paths, sessions cannot end. Mount it before app.listen(): ' +
        'app.use(session({ secret, resave: false, saveUninitialized: false })).',
    );
  }
}
