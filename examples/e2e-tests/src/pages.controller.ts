import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';

@Controller()
export class PagesController {
  @Get()
  home(@Req() req: Request) {
    const { userId } = req.session;
    return `<!doctype html>
      <html lang="en">
        <title>Tests that move the time</title>
        <h1>Hello ${userId ?? 'stranger'}</h1>
        ${userId ? '<form method="post" action="/logout"><button>Sign out</button></form>' : '<a href="/login">Sign in</a>'}
        <script type="module" src="/session/client.js"></script>
      </html>`;
  }
}
