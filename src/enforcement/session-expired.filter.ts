import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import type { Request, Response } from 'express';
import { leadsToItself, returnTo, withParameters } from './request/login-url.js';
import { isNavigation } from './request/navigation.js';
import { SessionExpiredException } from './session-expired.exception.js';
import { SETTINGS, type Settings } from '../options/settings.js';

/**
 * Answers a refused session: a page load is taken to the login page and told the reason and the way
 * back, everything else gets 401 with problem details (RFC 9457). Scripts are never redirected: they
 * would take the login page for their data.
 */
@Catch(SessionExpiredException)
export class SessionExpiredFilter implements ExceptionFilter<SessionExpiredException> {
  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  catch(exception: SessionExpiredException, host: ArgumentsHost): unknown {
    if (host.getType() !== 'http') return exception;
    const http = host.switchToHttp();
    const req = http.getRequest<Request>();
    const res = http.getResponse<Response>();
    if (res.headersSent) return undefined;

    const { loginUrl } = exception;
    if (loginUrl !== undefined && isNavigation(req) && !leadsToItself(loginUrl, req)) {
      res.redirect(303, withParameters(loginUrl, { returnTo: returnTo(req, this.settings.path) }));
    } else {
      res.status(exception.getStatus()).type('application/problem+json').send(JSON.stringify(exception.getResponse()));
    }
    return undefined;
  }
}
