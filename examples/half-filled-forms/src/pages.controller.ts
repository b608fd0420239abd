import { Body, Controller, Get, Post, Redirect, Req } from '@nestjs/common';
import type { Request } from 'express';

@Controller()
export class PagesController {
  private readonly reports: number[] = [];

  /** An ordinary form. The script in the page keeps what is typed, until it is sent. */
  @Get()
  home(@Req() req: Request) {
    const { userId } = req.session;
    const form = `
      <p>Reports sent so far: ${this.reports.length}</p>
      <form method="post" action="/reports">
        <label>Title: <input name="title" required></label>
        <label>Report: <textarea name="text" rows="10" required></textarea></label>
        <button>Send</button>
      </form>
      <form method="post" action="/logout"><button>Sign out</button></form>`;
    return `<!doctype html>
      <html lang="en">
        <title>Half-filled forms</title>
        <h1>Hello ${userId ?? 'stranger'}</h1>
        ${userId ? form : '<a href="/login">Sign in</a>'}
        <script type="module" src="/session/client.js"></script>
      </html>`;
  }

  @Post('reports')
  @Redirect('/', 303)
  send(@Body() report?: { title?: string; text?: string }) {
    this.reports.push(report?.text?.length ?? 0);
  }
}
