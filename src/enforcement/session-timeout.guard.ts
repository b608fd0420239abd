import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { presentsCookie } from '../express-session/presented-cookie.js';
import { chain, isPromise, type MaybePromise } from '../ledger/activity-ledger.js';
import { AllowExpired, isOwnRoute, PassiveRoute } from './decorators.js';
import { saysPassive } from './passive.js';
import { refusal, sessionUnavailable, unavailable } from './refusal.js';
import { type HttpRequest, requestOf } from './request-of.js';
import { SessionJudge } from './session-judge.js';
import { SessionLifecycle } from './session-lifecycle.js';
import { SETTINGS, type Settings } from './settings.js';
import type { Visit } from './visit.js';

/** Refuses ended sessions, and records what is a sign of life. */
@Injectable()
export class SessionTimeoutGuard implements CanActivate {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly reflector: Reflector,
    private readonly judge: SessionJudge,
    private readonly lifecycle: SessionLifecycle,
  ) {}

  /** @throws SessionExpiredException (401), SessionUnavailableException (503) */
  canActivate(context: ExecutionContext): MaybePromise<boolean> {
    const req = requestOf(context);
    if (!req) return true;
    const fail = (error: unknown): never => {
      throw unavailable(req.res, error);
    };
    try {
      const decided = chain(this.judge.judge(req, req.res), (visit) => this.decide(context, req, visit));
      return isPromise(decided) ? decided.catch(fail) : decided;
    } catch (error) {
      return fail(error);
    }
  }

  private decide(context: ExecutionContext, req: HttpRequest, visit: Visit | undefined): MaybePromise<boolean> {
    if (!visit) return this.withoutSession(req);
    if (visit.kind === 'anonymous' || isOwnRoute(context.getClass())) return true;

    const targets = [context.getHandler(), context.getClass()];
    if (visit.kind === 'ended') {
      if (this.reflector.getAllAndOverride(AllowExpired, targets)) {
        visit.told = true;
        return true;
      }
      throw refusal(req.res, visit, this.settings.messages[visit.reason], this.settings.loginUrl(req, visit.reason));
    }

    if (visit.recorded || saysPassive(req)) return true;
    if (this.reflector.getAllAndOverride(PassiveRoute, targets) ?? this.settings.isPassiveRoute(req)) return true;
    visit.recorded = true;
    return chain(this.lifecycle.advance(req, req.res, visit), () => true);
  }

  /** Fails closed: a missing session is a mistake in the setup, or a store that is down. */
  private withoutSession(req: HttpRequest): boolean {
    if (!this.judge.hasSeenSession) {
      throw new Error(
        'SessionTimeoutModule finds no session on the request. Mount express-session before app.listen(): ' +
          'app.use(session({ secret, resave: false, saveUninitialized: false })).',
      );
    }
    if (presentsCookie(req, this.settings.cookieName)) throw sessionUnavailable(req.res);
    return true;
  }
}
