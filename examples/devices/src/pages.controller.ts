import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';

@Controller()
export class PagesController {
  @Get()
  home(@Req() req: Request) {
    const { userId } = req.session;
    const devices = `
      <h2>Where you are signed in</h2>
      <ul id="devices"></ul>
      <button id="end-others">Sign out everywhere else</button>
      <script type="module" src="/devices.js"></script>`;
    return `<!doctype html>
      <html lang="en">
        <title>Devices</title>
        <h1>Hello ${userId ?? 'stranger'}</h1>
        ${userId ? devices : '<a href="/login">Sign in</a>'}
        <script type="module" src="/session/client.js"></script>
      </html>`;
  }
}
