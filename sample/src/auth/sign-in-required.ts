import { type ArgumentsHost, Catch, type ExceptionFilter, UnauthorizedException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { acceptsHtml, redirect } from '../views/http.js';

/** Nobody has signed in. */
export class SignInRequired extends UnauthorizedException {
  constructor() {
    super('Sign in first.');
  }
}

/** Redirects page loads to the login page; scripts get 401. */
@Catch(SignInRequired)
export class SignInRequiredFilter implements ExceptionFilter<SignInRequired> {
  catch(exception: SignInRequired, host: ArgumentsHost): void {
    const req = host.switchToHttp().getRequest<Request>();
    const res = host.switchToHttp().getResponse<Response>();
    if (!acceptsHtml(req)) {
      res.status(exception.getStatus()).json(exception.getResponse());
      return;
    }
    const wanted = req.method === 'GET' ? `?${new URLSearchParams({ returnTo: req.originalUrl })}` : '';
    redirect(res, `/login${wanted}`).end();
  }
}
