import { Inject, Injectable, Logger } from '@nestjs/common';
import { nameOfCookie } from '../../express-session/presented-cookie.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { SessionFlow } from '../session-flow.js';
import { LoginRouteCheck } from './login-route-check.js';
import { cookieNameWarnings, sessionWarnings, settingsWarnings } from './setup-warnings.js';

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
  }

  private warn(warnings: readonly string[]): void {
    for (const warning of warnings) this.logger.warn(warning);
  }
}
