import { Controller, Get } from '@nestjs/common';
import { SessionStatus } from 'nestjs-session-timeout';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { Public } from '../auth/public.decorator.js';
import type { User } from '../auth/user.js';
import { visitorsPage } from '../views/visitors.view.js';

/** A public page. */
@Public()
@Controller('visitors')
export class VisitorsController {
  @Get()
  visitors(@CurrentUser() user: User | undefined, @SessionStatus() status: SessionStatus): string {
    return visitorsPage({ user, status });
  }
}
