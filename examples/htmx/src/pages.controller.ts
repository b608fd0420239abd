import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';
import { PassiveRoute } from 'nestjs-session-timeout';

@Controller()
export class PagesController {
  @Get()
  home(@Req() req: Request) {
    const { userId } = req.session;
    const parts = `
      <button hx-get="/time" hx-target="#time">What time is it?</button>
      <p id="time" aria-live="polite"></p>
      <p>Visits today: <span hx-get="/visits" hx-trigger="load, every 5s"></span></p>
      <form method="post" action="/logout"><button>Sign out</button></form>`;
    return `<!doctype html>
      <html lang="en">
        <title>htmx</title>
        <script src="/htmx/htmx.min.js"></script>
        <h1>Hello ${userId ?? 'stranger'}</h1>
        ${userId ? parts : '<a href="/login">Sign in</a>'}
        <script type="module" src="/session/client.js"></script>
      </html>`;
  }

  /** After the session has ended, htmx gets 401 and no login page, and the client leaves for the login page. */
  @Get('time')
  time() {
    return new Date().toLocaleTimeString('en');
  }

  private count = 0;

  @Get('visits')
  @PassiveRoute() // htmx asks by itself, so it is no activity
  visits() {
    this.count += 1;
    return String(this.count);
  }
}
