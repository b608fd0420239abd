import { applyDecorators, UseGuards } from '@nestjs/common';
import { type Duration, givenDuration } from '../options/duration.js';
import { FreshAuthGuard, MaxAuthAge } from './fresh-auth.guard.js';

/**
 * Lets requests reach this handler, or all handlers of this class, only if the user has proved who they are less than
 * `maxAge` ago: when they signed in, or with `renew(req)` after they typed their password again. Activity proves
 * nothing. Everybody else gets 403 with the code `REAUTHENTICATION_REQUIRED`, and page loads are redirected to the
 * option `reauthenticateAt`. What is on a handler takes the place of what is on its class. It holds with `mode:
 * 'report'`, too. Guard the page with the form as well as the route that the form is sent to (OWASP ASVS 5.0, 7.5.1 and
 * 7.5.3).
 *
 * @param maxAge a duration above 0, like `'5m'`
 * @throws TypeError if it is something else
 */
export function RequireFreshAuth(maxAge: Duration): MethodDecorator & ClassDecorator {
  return applyDecorators(MaxAuthAge(givenDuration('@RequireFreshAuth()', maxAge)), UseGuards(FreshAuthGuard));
}
