import { Inject, Injectable, Logger } from '@nestjs/common';
import { nameOfCookie } from '../../express-session/presented-cookie.js';
import { repeatedCookie } from '../../express-session/repeated-cookie.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { SessionFlow } from '../session-flow.js';
import { LoginRouteCheck } from './login-route-check.js';
import { CookieRenewal } from './cookie-renewal.js';
import {
  cookieNameWarnings,
  lifetimeWarnings,
  repeatedCookieWarnings,
  sessionWarnings,
  settingsWarnings,
} from './setup-warnings.js';

/** Warns about doubtful settings: of this module at startup, of express-session when the first requests arrive. */
@Injectable()
export class SetupCheck {
  private readonly logger = new Logger('SessionTimeout');

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly loginRoute: LoginRouteCheck,
    private readonly flow: SessionFlow,
  ) {}

  run(): void {
    this.warn([...settingsWarnings(this.settings), ...this.loginRoute.warnings()]);
    this.flow.inspect(({ http }) => {
      this.warn(sessionWarnings(http.setup, this.settings));
      return true;
    });
    this.flow.inspect(({ http }, { kind }) => {
      const name = kind === 'live' && http.isReused ? nameOfCookie(http.req, http.id) : undefined;
      if (name === undefined) return false;
      this.warn(cookieNameWarnings(name, this.settings));
      return true;
    });
    this.flow.inspect(({ http }) => {
      // A session that was found is no loop.
      const name = http.origin === 'new' ? repeatedCookie(http.req) : undefined;
      this.warn(repeatedCookieWarnings(name));
      return name !== undefined;
    });
    const renewal = new CookieRenewal();
    this.flow.inspect(
      (state, session) =>
        session.kind === 'live' &&
        renewal.watch(state, session, ({ http }, { limits }) => this.warn(lifetimeWarnings(http.setup, limits))),
    );
  }

  private warn(warnings: readonly string[]): void {
    for (const warning of warnings) this.logger.warn(warning);
  }
}
