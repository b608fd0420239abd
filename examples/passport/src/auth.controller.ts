import { Controller, Get, Post, Query, Redirect, Req, UseGuards } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired } from 'nestjs-session-timeout';
import { LocalGuard } from './local.js';

@Controller()
export class AuthController {
  @Get()
  home(@Req() req: Request) {
    return `<!doctype html>
      <html lang="en">
        <title>Passport</title>
        <h1>Hello ${req.user?.id ?? 'stranger'}</h1>
        ${req.user ? '<form method="post" action="/logout"><button>Sign out</button></form>' : '<a href="/login">Sign in</a>'}
        <script type="module" src="/session/client.js"></script>
      </html>`;
  }

  @Get('login')
  @AllowExpired() // users who are sent here have an expired session
  loginPage(@Query('reason') reason?: string) {
    return `<!doctype html>
      <html lang="en">
        <title>Sign in</title>
        <h1>Sign in</h1>
        ${reason === 'idle' ? '<p role="alert">You were signed out because you were inactive.</p>' : ''}
        <form method="post">
          <label>Name: <input name="username" value="ada" autocomplete="username" required></label>
          <label>Password: <input name="password" type="password" autocomplete="current-password" required></label>
          <button>Sign in</button>
        </form>
        <p>The password is "secret".</p>
      </html>`;
  }

  @Post('login')
  @AllowExpired() // and so have users who send the form
  @UseGuards(LocalGuard)
  @Redirect('/', 303)
  login() {}

  @Post('logout')
  @AllowExpired()
  @Redirect('/login', 303)
  async logout(@Req() req: Request) {
    await new Promise<void>((resolve, reject) => req.logout((error?: Error) => (error ? reject(error) : resolve())));
  }
}
