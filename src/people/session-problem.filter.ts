import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Request, Response } from 'express';
import { internal } from '../enforcement/internals.js';
import { leadsToItself, returnTo, withParameters } from '../enforcement/request/login-url.js';
import { isNavigation } from '../enforcement/request/navigation.js';
import { TooManySessionsException } from '../enforcement/request/too-many-sessions.exception.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import { ReauthenticationRequiredException } from './reauthentication-required.exception.js';

/**
 * Answers requests that are refused although nobody's session has ended, with problem details (RFC 9457). A page load of
 * a user who has to prove who they are is redirected to where they can.
 */
@Catch(ReauthenticationRequiredException, TooManySessionsException)
export class SessionProblemFilter implements ExceptionFilter {
  constructor(private readonly moduleRef: ModuleRef) {}

  catch(exception: ReauthenticationRequiredException | TooManySessionsException, host: ArgumentsHost): unknown {
    if (host.getType() !== 'http') return exception;
    const http = host.switchToHttp();
    const req = http.getRequest<Request>();
    const res = http.getResponse<Response>();
    const url = exception instanceof ReauthenticationRequiredException ? exception.loginUrl : undefined;
    if (res.headersSent) {
      // Nothing can be told any more, and nobody else ends the answer.
      res.end();
    } else if (url !== undefined && isNavigation(req) && !leadsToItself(url, req)) {
      const { path } = internal<Settings>(this.moduleRef, SETTINGS);
      res.redirect(303, withParameters(url, { returnTo: returnTo(req, path) }));
    } else {
      res.status(exception.getStatus()).type('application/problem+json').send(JSON.stringify(exception.getResponse()));
    }
    return undefined;
  }
}
