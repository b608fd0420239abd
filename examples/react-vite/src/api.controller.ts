import { Body, Controller, Get, Post, Req, UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired, SessionTimeoutService } from 'nestjs-session-timeout';

@Controller('api')
export class ApiController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get('me')
  me(@Req() req: Request) {
    return { user: req.session.userId ?? null };
  }

  @Post('login')
  @AllowExpired() // users whose session has expired may sign in again
  async login(@Req() req: Request, @Body() form?: { name?: string; password?: string }) {
    // Your application compares the password with a hash that it has stored.
    if (form?.name !== 'ada' || form.password !== 'secret') throw new UnauthorizedException();
    req.session.userId = form.name;
    await this.sessions.renew(req); // a new session id after signing in
    return { user: form.name };
  }
}
