import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { chain, isPromise, type MaybePromise } from '../ledger/activity-ledger.js';
import { AllowExpired, isOwnRoute, PassiveRoute } from './decorators.js';
import { saysPassive } from './passive.js';
import { refusal, unavailable } from './refusal.js';
import { type HttpRequest, requestOf } from './request-of.js';
import { SessionUnavailableException } from './session-expired.exception.js';
import { SessionJudge } from './session-judge.js';
import { SessionOpener } from './session-opener.js';
import { SETTINGS, type Settings } from './settings.js';
import type { Visit } from './visit.js';

/** Refuses ended sessions, and records what is a sign of life. */
@Injectable()
export class SessionTimeoutGuard implements CanActivate {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly reflector: Reflector,
    private readonly judge: SessionJudge,
    private readonly opener: SessionOpener,
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
    if (isOwnRoute(context.getClass()) || visit?.kind === 'anonymous') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (!visit) return this.withoutSession(req, this.reflector.getAllAndOverride(AllowExpired, targets) ?? false);
    if (visit.kind === 'ended') {
      if (this.reflector.getAllAndOverride(AllowExpired, targets)) {
        visit.told = true;
        return true;
      }
      throw refusal(req, req.res, visit, this.settings);
    }

    if (visit.recorded || saysPassive(req)) return true;
    if (this.reflector.getAllAndOverride(PassiveRoute, targets) ?? this.settings.isPassiveRoute(req)) return true;
    visit.recorded = true;
    return chain(this.opener.advance(req, req.res, visit), () => true);
  }

  /** Fails closed; but handlers that are written for the anonymous need no session. */
  private withoutSession(req: HttpRequest, allowExpired: boolean): boolean {
    const problem = this.judge.missingSession(req);
    if (problem && !(allowExpired && problem instanceof SessionUnavailableException)) throw problem;
    return true;
  }
}
