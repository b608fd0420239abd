import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { attempt, chain, type MaybePromise } from '../ledger/maybe-promise.js';
import { requestedPath, saysPassive } from './request/passive-request.js';
import { refusal, unavailable } from './request/refusal.js';
import { type HttpRequest, requestOf } from './request/request-of.js';
import { RoutePolicies } from './route-metadata.js';
import { SessionUnavailableException } from './session-expired.exception.js';
import { SessionJudge } from './lifecycle/session-judge.js';
import { SessionOpener } from './lifecycle/timelines.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import type { Visit } from './lifecycle/request-session.js';

/** Refuses ended sessions, and records what is a sign of life. */
@Injectable()
export class SessionTimeoutGuard implements CanActivate {
  private readonly routes: RoutePolicies;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    reflector: Reflector,
    private readonly judge: SessionJudge,
    private readonly opener: SessionOpener,
  ) {
    this.routes = new RoutePolicies(reflector);
  }

  /** @throws SessionExpiredException (401), SessionUnavailableException (503) */
  canActivate(context: ExecutionContext): MaybePromise<boolean> {
    const req = requestOf(context);
    if (!req) return true;
    const fail = (error: unknown): never => {
      throw unavailable(req.res, error);
    };
    return attempt(() => chain(this.judge.judge(req, req.res), (visit) => this.decide(context, req, visit)), fail);
  }

  private decide(context: ExecutionContext, req: HttpRequest, visit: Visit | undefined): MaybePromise<boolean> {
    const route = this.routes.of(context);
    if (route.own) return true;
    if (!visit) return this.withoutSession(req, route.allowExpired);
    if (visit.kind === 'ended') {
      if (!route.allowExpired) throw refusal(req, req.res, visit, this.settings);
      visit.told = true;
    }
    if (!route.answersItself) this.judge.settleAtEnd(req, req.res);

    if (visit.kind !== 'live' || visit.recorded || saysPassive(req)) return true;
    if (route.passive ?? this.settings.isPassiveRoute(req, requestedPath(req))) return true;
    visit.recorded = true;
    return chain(this.opener.advance(req, req.res, visit), yes);
  }

  /** Fails closed; but handlers that are written for the anonymous need no session. */
  private withoutSession(req: HttpRequest, allowExpired: boolean): boolean {
    const problem = this.judge.missingSession(req);
    if (problem && !(allowExpired && problem instanceof SessionUnavailableException)) throw problem;
    return true;
  }
}

const yes = () => true;
