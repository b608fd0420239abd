import { Inject, Injectable } from '@nestjs/common';
import { keepsUser } from '../../express-session/passport-user.js';
import { nameOfCookie } from '../../express-session/presented-cookie.js';
import { setupOf } from '../../express-session/session-content.js';
import { sessionKey } from '../../express-session/session-key.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { RequestSession, RequestState } from '../lifecycle/request-session.js';
import { Timelines } from '../timelines/timelines.js';
import { ReadAhead } from '../lifecycle/read-ahead.js';
import { SessionFlow } from '../session-flow.js';
import { GatewayCheck } from './gateway-check.js';
import { LoginRouteCheck } from './login-route-check.js';
import { OwnRoutesCheck } from './own-routes-check.js';
import { CookieRenewal } from './cookie-renewal.js';
import { RepeatedSessionCookie } from './repeated-session-cookie.js';
import {
  cookieNameWarnings,
  cookiePathWarnings,
  lifetimeWarnings,
  missedUserWarnings,
  repeatedCookieWarnings,
  secondsWarnings,
  sessionWarnings,
  settingsWarnings,
} from './setup-warnings.js';
import { log } from '../timelines/events/log.js';

/** Warns about doubtful settings: of this module at startup, of express-session when the first requests arrive. */
@Injectable()
export class SetupCheck {
  /** How many limits that `limitsFor` has returned have been looked at. */
  private inspectedLimits = 0;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly loginRoute: LoginRouteCheck,
    private readonly ownRoutes: OwnRoutesCheck,
    private readonly gateways: GatewayCheck,
    private readonly timelines: Timelines,
    private readonly readAhead: ReadAhead,
    private readonly flow: SessionFlow,
  ) {}

  run(): void {
    this.warn([
      ...settingsWarnings(this.settings),
      ...this.loginRoute.warnings(),
      ...this.ownRoutes.warnings(),
      ...this.gateways.warnings(),
    ]);
    const { inspections } = this.flow;
    inspections.add(({ http }) => {
      this.warn(sessionWarnings(setupOf(http.req), this.settings));
      return true;
    });
    inspections.add(({ http }, { kind }) => {
      const name = kind === 'live' && http.isReused ? nameOfCookie(http.req, http.id) : undefined;
      if (name === undefined) return false;
      this.warn(cookieNameWarnings(name, this.settings));
      return true;
    });
    if (this.settings.identify) inspections.add((state, session) => this.warnsOfMissedUser(state, session));
    if (this.settings.limitsVary) inspections.add(() => this.warnsOfReturnedSeconds());
    inspections.addForNew(({ http }) => {
      // Only a new session has a cookie as express-session makes it.
      if (http.origin !== 'new') return false;
      this.warn(cookiePathWarnings(http.arrivalCookie?.path, this.ownRoutes.pingPath));
      return true;
    });
    const repeated = new RepeatedSessionCookie(this.settings, (name) => this.warn(repeatedCookieWarnings(name)));
    inspections.addForNew((state) => repeated.watch(state));
    inspections.addForNew((state, session) => {
      const isRepeated = this.hasRepeatedId(state, session);
      if (isRepeated) {
        log.error(
          'A new session has got the id of another one: users share a session, or cannot sign in once it has ended. ' +
            'Let "genid" of express-session return a new random id each time, or leave it out.',
        );
      }
      return isRepeated;
    });
    const renewal = new CookieRenewal();
    inspections.add(
      (state, session) =>
        session.kind === 'live' &&
        renewal.watch(state, session, ({ http }, { limits }) => this.warn(lifetimeWarnings(setupOf(http.req), limits))),
    );
  }

  /** Returns true once `identify` has found somebody, or has missed the user whom passport keeps in the session. */
  private warnsOfMissedUser({ http }: RequestState, { kind }: RequestSession): boolean {
    if (kind === 'live') return true;
    // A user who comes with each request, as with a token, is not in the session.
    const isMissed = kind === 'anonymous' && http.origin === 'loaded' && keepsUser(http.loaded);
    if (isMissed) this.warn(missedUserWarnings());
    return isMissed;
  }

  /** Returns true once `limitsFor` has returned limits that look like seconds. */
  private warnsOfReturnedSeconds(): boolean {
    const { returnedLimits } = this.settings;
    if (returnedLimits.length === this.inspectedLimits) return false;
    const warnings = returnedLimits
      .slice(this.inspectedLimits)
      .flatMap(({ written }) => secondsWarnings(written, 'limitsFor: '));
    this.inspectedLimits = returnedLimits.length;
    this.warn(warnings);
    return warnings.length > 0;
  }

  private hasRepeatedId({ http, hasRepeatedId }: RequestState, session: RequestSession): boolean {
    if (hasRepeatedId) return true;
    if (session.kind === 'ended') {
      return session.sessionId !== undefined && sessionKey(session.sessionId) === session.key;
    }
    if (http.origin !== 'new') return false;
    const isTracked = session.kind === 'anonymous' && this.readAhead.knows(http.id);
    return isTracked || this.timelines.recentEnd(http.key) !== undefined;
  }

  private warn(warnings: readonly string[]): void {
    for (const warning of warnings) log.warn(warning);
  }
}
