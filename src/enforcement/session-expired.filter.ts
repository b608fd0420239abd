import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';
import { SETTINGS, type Settings } from '../options/settings.js';
import { internal } from './internals.js';
import { isNavigation } from './request/navigation.js';
import { expiredChallenge, setRefusalHeaders } from './answer/refusal.js';
import { endStarted, redirectFor, sendProblem } from './answer/problem-answer.js';
import { SessionExpiredException } from './answer/session-expired.exception.js';

/**
 * Answers a request whose session has ended. A page load is redirected to the login page, with the reason and the page
 * to return to. Every other request gets 401 with problem details (RFC 9457). Scripts are never redirected, because
 * they would take the login page for their data. To change this, extend the class and provide the subclass as
 * `APP_FILTER`: it replaces this filter.
 */
@Catch(SessionExpiredException)
export class SessionExpiredFilter implements ExceptionFilter<SessionExpiredException> {
  constructor(private readonly moduleRef: ModuleRef) {}

  catch(exception: SessionExpiredException, host: ArgumentsHost): unknown {
    if (host.getType() !== 'http') return exception;
    const http = host.switchToHttp();
    const req = http.getRequest<Request>();
    const res = http.getResponse<Response>();
    if (endStarted(res)) return undefined;
    // The application may have thrown the exception itself.
    if (!res.hasHeader('WWW-Authenticate')) setRefusalHeaders(res, expiredChallenge(exception.reason));
    const { loginUrl } = exception;
    const url = loginUrl !== undefined && this.isPageLoad(req) ? this.redirectFor(req, loginUrl) : undefined;
    if (url === undefined) this.refuse(res, exception);
    else this.redirect(res, url);
    return undefined;
  }

  private redirectFor(req: Request, url: string): string | undefined {
    return redirectFor(req, url, internal<Settings>(this.moduleRef, SETTINGS).path);
  }

  /** Whether a browser requests a page, and may be redirected. */
  protected isPageLoad(req: Request): boolean {
    return isNavigation(req);
  }

  /** Redirects a page load to the login page. */
  protected redirect(res: Response, url: string): void {
    res.redirect(303, url);
  }

  /** Answers every request that is not a page load. */
  protected refuse(res: Response, exception: SessionExpiredException): void {
    sendProblem(res, exception);
  }
}
