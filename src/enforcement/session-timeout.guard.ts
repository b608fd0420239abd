import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ModuleRef, Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { chain, type MaybePromise } from '../base/maybe-promise.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { internal } from './internals.js';
import { type Outcome, type RequestSession, type RequestState, stateOf } from './lifecycle/request-session.js';
import { opensEventStream, passiveBecause } from './request/passive-request.js';
import { available, exceptionFor, refusal } from './answer/refusal.js';
import { type HttpRequest, requestOf } from './request/request-of.js';
import { requestedPath } from './request/requested-url.js';
import { RouteMetadataReader } from './route-metadata.js';
import type { SessionExpiredException } from './answer/session-expired.exception.js';
import { SessionFlow } from './session-flow.js';

/**
 * Refuses requests whose session has ended, and records activity. The module puts it before all other guards. To change
 * this, extend the class and provide the subclass as `APP_GUARD` in your root module: it replaces this guard.
 *
 * @example
 * @Injectable()
 * class MyGuard extends SessionTimeoutGuard {
 *   protected override isPassive(req: Request, context: ExecutionContext) {
 *     return req.headers['x-background'] === '1' || super.isPassive(req, context);
 *   }
 * }
 */
@Injectable()
export class SessionTimeoutGuard implements CanActivate {
  private readonly routes = new RouteMetadataReader(new Reflector());
  private found: { readonly settings: Settings; readonly flow: SessionFlow } | undefined;

  constructor(private readonly moduleRef: ModuleRef) {}

  /** @throws SessionExpiredException (401), TooManySessionsException (403), SessionUnavailableException (503) */
  canActivate(context: ExecutionContext): MaybePromise<boolean> {
    const req = this.getRequest(context);
    if (!req) return true;
    const state = stateOf(req, req.res);
    const { flow } = this.parts;
    // While a slow body came, the session may have ended.
    const hasWaited = state.isJudgedEarly && req.complete;
    return available(req.res, () =>
      chain(hasWaited ? flow.lookAgain(state) : flow.arrive(state), (session) =>
        this.decide(context, req, state, session),
      ),
    );
  }

  /** The request to check. `undefined` lets the call pass, as it does for messages of gateways and microservices. */
  protected getRequest(context: ExecutionContext): HttpRequest | undefined {
    return requestOf(context);
  }

  /** Whether the request is not activity, because of its headers, its handler or the option `passiveRoutes`. */
  protected isPassive(req: Request, context: ExecutionContext): boolean {
    return this.passiveReason(req, context) !== undefined;
  }

  /** Refuses a request whose session has ended. */
  protected refuse(exception: SessionExpiredException, _context: ExecutionContext): never {
    throw exception;
  }

  private decide(
    context: ExecutionContext,
    req: HttpRequest,
    state: RequestState,
    session: RequestSession | undefined,
  ): MaybePromise<boolean> {
    const { flow, settings } = this.parts;
    const route = this.routes.of(context);
    state.answerer = route;
    state.letGo?.();
    if (route.own) {
      if (settings.debug && session?.kind === 'live') state.outcome = passive(nameOf(context.getHandler()));
      return true;
    }
    const mayRefuse = !route.allowExpired && settings.mode === 'enforce';
    if (!session) return this.withoutSession(state, mayRefuse);
    if (state.turnedAway && mayRefuse) throw exceptionFor(req.res, state.turnedAway);
    if (session.kind === 'ended' && mayRefuse) {
      return this.refuse(refusal(req, req.res, session, settings), context);
    }
    flow.settleAtEnd(state);

    if (session.kind !== 'live' || state.isActivity) return true;
    if (this.isPassive(req, context)) {
      // A subclass may have its own reason.
      const why = () => this.passiveReason(req, context) ?? `${nameOf(this.constructor)}.isPassive`;
      if (settings.debug) state.outcome = passive(why());
      return true;
    }
    state.isActivity = true;
    if (settings.debug) {
      state.outcome = { what: 'activity', why: `${nameOf(context.getClass())}.${nameOf(context.getHandler())}` };
    }
    return chain(flow.advance(state, session), yes);
  }

  /** Returns why a request is passive; `undefined` if it is not. */
  private passiveReason(req: Request, context: ExecutionContext): string | undefined {
    return passiveBecause(req) ?? this.passiveReasonOfRoute(req, context);
  }

  private passiveReasonOfRoute(req: Request, context: ExecutionContext): string | undefined {
    const { passive: marked, isStream } = this.routes.of(context);
    if (marked !== undefined) return marked ? '@PassiveRoute' : undefined;
    if (isStream) return '@Sse';
    if (opensEventStream(req)) return 'event stream';
    return this.parts.settings.isPassiveRoute?.(req, requestedPath(req)) ? 'passiveRoutes' : undefined;
  }

  /** Refuses the request, except that handlers with `@AllowExpired()` need no session while the store is down. */
  private withoutSession(state: RequestState, mayRefuse: boolean): boolean {
    if (mayRefuse) this.parts.flow.refuseIfSessionIsMissing(state);
    return true;
  }

  private get parts() {
    return (this.found ??= {
      settings: internal<Settings>(this.moduleRef, SETTINGS),
      flow: internal(this.moduleRef, SessionFlow),
    });
  }
}

/** A class may have its own static member `name`. */
function nameOf({ name }: { readonly name: unknown }): string {
  return typeof name === 'string' ? name : '?';
}

const yes = () => true;
const passive = (why: string): Outcome => ({ what: 'passive', why });
