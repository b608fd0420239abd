import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';
import { internal } from '../enforcement/internals.js';
import { isNavigation } from '../enforcement/request/navigation.js';
import { endStarted, redirectFor, sendProblem } from '../enforcement/answer/problem-answer.js';
import { sessionUnavailable } from '../enforcement/answer/refusal.js';
import { TooManySessionsException } from '../enforcement/answer/too-many-sessions.exception.js';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable.error.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { ReauthenticationRequiredException } from './reauthentication-required.exception.js';

type Problem = ReauthenticationRequiredException | TooManySessionsException;

/**
 * Answers requests that are refused although the session has not ended, with problem details (RFC 9457). If the user
 * has to authenticate again, a page load is redirected to the option `reauthenticateAt`, or to `redirectTo` if nobody is
 * signed in. A handler may also pass on the error of a ledger that does not answer, which `req.session.destroy()` and
 * `regenerate()` call back with: 503.
 */
@Catch(ReauthenticationRequiredException, TooManySessionsException, LedgerUnavailableError)
export class SessionProblemFilter implements ExceptionFilter<Problem | LedgerUnavailableError> {
  constructor(private readonly moduleRef: ModuleRef) {}

  catch(exception: Problem | LedgerUnavailableError, host: ArgumentsHost): unknown {
    if (host.getType() !== 'http') return exception;
    const http = host.switchToHttp();
    const req = http.getRequest<Request>();
    const res = http.getResponse<Response>();
    if (endStarted(res)) return undefined;
    if (exception instanceof LedgerUnavailableError) {
      const unavailable = sessionUnavailable(res, exception, 'the ledger');
      res.status(unavailable.getStatus()).json(unavailable.getResponse());
      return undefined;
    }
    const page = exception instanceof ReauthenticationRequiredException ? exception.loginUrl : undefined;
    const url = page !== undefined && isNavigation(req) ? this.redirectFor(req, page) : undefined;
    if (url === undefined) sendProblem(res, exception);
    else res.redirect(303, url);
    return undefined;
  }

  private redirectFor(req: Request, url: string): string | undefined {
    return redirectFor(req, url, internal<Settings>(this.moduleRef, SETTINGS).path);
  }
}
