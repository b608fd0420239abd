import { Body, Controller, Get, Header, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { RequireFreshAuth, SessionStatus } from 'nestjs-session-timeout';
import { CurrentUser } from '../auth/current-user.decorator.js';
import type { User } from '../auth/user.js';
import { confirmAfter } from '../limits.js';
import { Storage } from '../storage/storage.js';
import { detailsPage } from '../views/details.view.js';
import { field, redirect } from '../views/http.js';

/** What nobody may change at a screen that somebody has left: the form and what it sends ask for a fresh password. */
@RequireFreshAuth(confirmAfter)
@Controller('details')
export class DetailsController {
  constructor(private readonly storage: Storage) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  async details(@CurrentUser() user: User, @SessionStatus() status: SessionStatus): Promise<string> {
    return detailsPage({ user, status }, await this.storage.phones.of(user.id));
  }

  @Post()
  async change(
    @CurrentUser() user: User,
    @Res({ passthrough: true }) res: Response,
    @Body() form: Record<string, unknown> | undefined,
  ): Promise<void> {
    await this.storage.phones.set(user.id, field(form, 'phone').trim().slice(0, 30));
    redirect(res, '/details');
  }
}
