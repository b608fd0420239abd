import { Body, Controller, Get, Header, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { SessionStatus } from 'nestjs-session-timeout';
import { CurrentUser } from '../auth/current-user.decorator.js';
import type { User } from '../auth/user.js';
import { Storage } from '../storage/storage.js';
import { dashboardPage } from '../views/dashboard.view.js';
import { field, redirect } from '../views/http.js';

/** The first page after signing in, with the user's notes. */
@Controller()
export class DashboardController {
  constructor(private readonly storage: Storage) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  async dashboard(@CurrentUser() user: User, @SessionStatus() status: SessionStatus): Promise<string> {
    return dashboardPage({ user, status }, await this.storage.notebook.of(user.id));
  }

  @Post('notes')
  async addNote(
    @CurrentUser() user: User,
    @Res({ passthrough: true }) res: Response,
    @Body() form: Record<string, unknown> | undefined,
  ): Promise<void> {
    const text = field(form, 'text').trim().slice(0, 2000);
    if (text !== '') await this.storage.notebook.add(user.id, { text, writtenAt: Date.now() });
    redirect(res, '/');
  }
}
