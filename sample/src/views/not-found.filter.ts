import { type ArgumentsHost, Catch, NotFoundException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { Request, Response } from 'express';
import { findUser } from '../auth/user.js';
import { html } from './html.js';
import { acceptsHtml } from './http.js';
import { layout } from './layout.js';

/** Shows browsers a page for 404. */
@Catch(NotFoundException)
export class NotFoundFilter extends BaseExceptionFilter<NotFoundException> {
  override catch(exception: NotFoundException, host: ArgumentsHost): void {
    const req = host.switchToHttp().getRequest<Request>();
    const res = host.switchToHttp().getResponse<Response>();
    if (!acceptsHtml(req)) return super.catch(exception, host);
    res.status(404).send(
      layout({
        title: 'Not found',
        path: req.path,
        visitor: { user: findUser(req.session?.user), status: res.locals['sessionStatus'] ?? { state: 'anonymous' } },
        main: html`<h1>There is no such page</h1>
          <p class="lead">Perhaps it has moved. <a href="/">Go to today’s page</a></p>`,
      }),
    );
  }
}
