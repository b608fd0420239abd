import { Controller, Get, Header, Req } from '@nestjs/common';
import type { Request } from 'express';

@Controller()
export class PagesController {
  @Get()
  @Header('Connection', 'close') // so that the next page comes from the other instance
  home(@Req() req: Request) {
    const { userId } = req.session;
    return `<!doctype html>
      <html lang="en">
        <title>Two instances over one Redis</title>
        <h1>Hello ${userId ?? 'stranger'}</h1>
        <p>This page comes from the instance ${process.pid}. <a href="/">Load it again</a></p>
        ${userId ? '<form method="post" action="/logout"><button>Sign out</button></form>' : '<a href="/login">Sign in</a>'}
        <script type="module" src="/session/client.js"></script>
      </html>`;
  }
}
