import { Body, Controller, Get, HttpStatus, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { safeReturnTo, SessionStatus, SessionTimeoutService } from 'nestjs-session-timeout';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { PasswordsService } from '../auth/passwords.service.js';
import type { User } from '../auth/user.js';
import { confirmPage } from '../views/confirm.view.js';
import { field, redirect } from '../views/http.js';

/** Where signed-in users authenticate again. */
@Controller('confirm')
export class ConfirmController {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly sessions: SessionTimeoutService,
  ) {}

  @Get()
  confirm(
    @CurrentUser() user: User,
    @SessionStatus() status: SessionStatus,
    @Query('returnTo') returnTo: unknown,
  ): string {
    return confirmPage({ user, status }, { returnTo: safeReturnTo(returnTo) });
  }

  @Post()
  async confirmed(
    @Req() req: Request,
    @Res({ passthrough: true }) res: Response,
    @CurrentUser() user: User,
    @SessionStatus() status: SessionStatus,
    @Body() form: Record<string, unknown> | undefined,
  ): Promise<string> {
    const returnTo = safeReturnTo(field(form, 'returnTo'));
    if (!(await this.passwords.verify(user.id, field(form, 'password')))) {
      res.status(HttpStatus.FORBIDDEN);
      return confirmPage({ user, status }, { notice: 'The password is wrong.', returnTo });
    }
    // A new session id. The maximum length of the session goes on: nobody has signed in anew.
    await this.sessions.renew(req, { restartLimits: false });
    redirect(res, returnTo);
    return '';
  }
}
