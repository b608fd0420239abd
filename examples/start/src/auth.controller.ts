import { Body, Controller, Get, Post, Query, Redirect, Req, UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired, safeReturnTo, SessionTimeoutService } from 'nestjs-session-timeout';

@Controller()
export class AuthController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('login')
  @AllowExpired() // users who are sent here have an expired session
  loginPage(@Query('reason') reason?: string) {
    return `<!doctype html>
      <html lang="en">
        <title>Sign in</title>
        <h1>Sign in</h1>
        ${reason === 'idle' ? '<p role="alert">You were signed out because you were inactive.</p>' : ''}
        <form method="post">
          <label>Name: <input name="name" value="ada" autocomplete="username" required></label>
          <label>Password: <input name="password" type="password" autocomplete="current-password" required></label>
          <button>Sign in</button>
        </form>
        <p>The password is "secret".</p>
      </html>`;
  }

  @Post('login')
  @AllowExpired() // and so have users who send the form
  @Redirect()
  async login(
    @Req() req: Request,
    @Body() form?: { name?: string; password?: string },
    @Query('returnTo') returnTo?: string,
  ) {
    // Your application compares the password with a hash that it has stored.
    if (form?.name !== 'ada' || form.password !== 'secret') throw new UnauthorizedException();
    req.session.userId = form.name;
    await this.sessions.renew(req); // a new session id after signing in
    return { url: safeReturnTo(returnTo), statusCode: 303 };
  }

  @Post('logout')
  @AllowExpired()
  @Redirect('/login', 303)
  async logout(@Req() req: Request) {
    await this.sessions.end(req);
  }
}
