import { Body, Controller, Get, HttpStatus, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { safeReturnTo, SessionTimeoutService } from 'nestjs-session-timeout';
import { field, redirect } from '../views/http.js';
import { loginPage } from '../views/login.view.js';
import { beginSession } from './http-session.js';
import { PasswordsService } from './passwords.service.js';
import { Public } from './public.decorator.js';
import { reasonText } from './reason-texts.js';

/** Signing in and out. */
@Public()
@Controller()
export class AuthController {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly sessions: SessionTimeoutService,
  ) {}

  @Get('login')
  login(
    @Req() req: Request,
    @Res({ passthrough: true }) res: Response,
    @Query('reason') reason: unknown,
    @Query('returnTo') wanted: unknown,
  ): string {
    const returnTo = safeReturnTo(wanted);
    if (req.session?.user !== undefined) {
      redirect(res, returnTo);
      return '';
    }
    return loginPage({ notice: reasonText(reason), polite: reason === 'signed-out', returnTo });
  }

  @Post('login')
  async signIn(
    @Req() req: Request,
    @Res({ passthrough: true }) res: Response,
    @Body() form: Record<string, unknown> | undefined,
  ): Promise<string> {
    const returnTo = safeReturnTo(field(form, 'returnTo'));
    const username = field(form, 'username').trim().toLowerCase();
    if (!(await this.passwords.verify(username, field(form, 'password')))) {
      res.status(HttpStatus.UNAUTHORIZED);
      return loginPage({ notice: 'The user name or the password is wrong.', username, returnTo });
    }
    await beginSession(req, username);
    redirect(res, returnTo);
    return '';
  }

  @Post('logout')
  async signOut(@Req() req: Request, @Res({ passthrough: true }) res: Response): Promise<void> {
    await this.sessions.end(req);
    redirect(res, '/login?reason=signed-out');
  }
}
