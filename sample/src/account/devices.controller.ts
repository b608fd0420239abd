import { Controller, Get, Header, Req } from '@nestjs/common';
import type { Request } from 'express';
import { SessionStatus, SessionTimeoutService } from 'nestjs-session-timeout';
import { CurrentUser } from '../auth/current-user.decorator.js';
import type { User } from '../auth/user.js';
import { maxSessions } from '../limits.js';
import { devicesPage } from '../views/devices.view.js';

/** Where a user is signed in. The script of the page ends sessions by the routes of the package. */
@Controller('devices')
export class DevicesController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  async devices(
    @Req() req: Request,
    @CurrentUser() user: User,
    @SessionStatus() status: SessionStatus,
  ): Promise<string> {
    return devicesPage({ user, status }, await this.sessions.list(req), maxSessions);
  }
}
