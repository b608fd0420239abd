import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ModuleRef, Reflector } from '@nestjs/core';
import { internal } from '../enforcement/internals.js';
import { currentSession, stateOf } from '../enforcement/lifecycle/request-session.js';
import { loginUrl, reauthenticationUrl } from '../enforcement/answer/login-url.js';
import { available, setRefusalHeaders } from '../enforcement/answer/refusal.js';
import { type HttpRequest, requestOf } from '../enforcement/request/request-of.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { FreshAuth } from './fresh-auth.js';
import { ReauthenticationRequiredException } from './reauthentication-required.exception.js';

/** How long ago the user may have authenticated, in milliseconds. */
export const MaxAuthAge = Reflector.createDecorator<number>({ key: 'nestjs-session-timeout:max-auth-age' });

/** Refuses requests of users who authenticated too long ago. `@RequireFreshAuth()` puts it on routes. */
@Injectable()
export class FreshAuthGuard implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(private readonly moduleRef: ModuleRef) {}

  /** @throws ReauthenticationRequiredException (403), SessionUnavailableException (503), Error without a maximum age */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const maxAge = this.reflector.getAllAndOverride(MaxAuthAge, [context.getHandler(), context.getClass()]);
    const req = requestOf(context);
    if (!req) throw new Error('@RequireFreshAuth() works on HTTP routes and GraphQL operations, not on messages.');
    if (maxAge === undefined) {
      throw new Error('FreshAuthGuard needs a maximum age. Put @RequireFreshAuth(maxAge) on the route instead of it.');
    }
    const authAge = await available(req.res, () => internal(this.moduleRef, FreshAuth).ageOf(stateOf(req, req.res)));
    if (authAge < maxAge) return true;
    throw this.refusal(req, maxAge, authAge);
  }

  /** The header follows RFC 9470. The status is not 401, because many front ends would sign the user out. */
  private refusal(req: HttpRequest, maxAge: number, authAge: number): ReauthenticationRequiredException {
    const state = stateOf(req, req.res);
    internal(this.moduleRef, FreshAuth).noteRefusal(state, maxAge, authAge);
    const settings = internal<Settings>(this.moduleRef, SETTINGS);
    const session = currentSession(state);
    // A visitor has to sign in first. In report mode, a user may have no timeline.
    const isVisitor = session?.kind !== 'live' && !state.owner?.isTracked;
    const reason = session?.kind === 'ended' ? session.reason : undefined;
    const url = (isVisitor ? loginUrl(settings, req, reason) : undefined) ?? reauthenticationUrl(settings, req);
    const seconds = Math.floor(maxAge / 1000);
    setRefusalHeaders(req.res, `Session error="insufficient_user_authentication", max_age="${seconds}"`);
    return new ReauthenticationRequiredException(maxAge, authAge, url);
  }
}
