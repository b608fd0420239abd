import { applyDecorators, UseGuards } from '@nestjs/common';
import { type Duration, givenDuration } from '../options/duration.js';
import { FreshAuthGuard, MaxAuthAge } from './fresh-auth.guard.js';

/**
 * Lets requests reach this handler, or all handlers of this class, only if the user authenticated less than `maxAge`
 * ago. Users authenticate when they sign in, and when the application calls `renew(req)` after they have typed their
 * password again. Activity does not count. Other requests get 403 with the code `REAUTHENTICATION_REQUIRED`, and page
 * loads are redirected to the option `reauthenticateAt`, those of visitors to `redirectTo`. A decorator on a handler
 * replaces the one on its class. It also works with `mode: 'report'`. Put it both on the page with the form and on the
 * route that receives the form (OWASP ASVS 5.0, 7.5.1 and 7.5.3).
 *
 * @param maxAge a duration above 0, like `'5m'`
 * @throws TypeError if `maxAge` is not such a duration
 */
export function RequireFreshAuth(maxAge: Duration): MethodDecorator & ClassDecorator {
  return applyDecorators(MaxAuthAge(givenDuration('@RequireFreshAuth()', maxAge)), UseGuards(FreshAuthGuard));
}
