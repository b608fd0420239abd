import { Body, Controller, Get, HttpCode, Post, Req, UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired } from '../../../src/index.js';
import { Public } from './guards.js';

/** The pages of an application that has a guard of its own, and signs in without regenerating the session. */
@Controller()
export class HostPagesController {
  @Post('login')
  @Public()
  @AllowExpired()
  @HttpCode(200)
  login(@Req() req: Request, @Body() body: { user: string; password?: string }) {
    if (body.password === 'wrong') throw new UnauthorizedException('Wrong password');
    req.session.user = body.user;
    return { user: body.user };
  }

  @Get('me')
  me(@Req() req: Request) {
    return { user: req.session.user };
  }

  @Get('public')
  @Public()
  @AllowExpired()
  public(@Req() req: Request) {
    return { user: req.session?.user ?? null };
  }

  @Get('half-public')
  @AllowExpired()
  halfPublic() {
    return 'for those who are signed in';
  }
}
