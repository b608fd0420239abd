import { Controller, Get, Header, Render, Req } from '@nestjs/common';
import type { Request } from 'express';

@Controller()
export class PagesController {
  @Get()
  @Header('Cache-Control', 'no-store') // a private page is kept nowhere
  @Render('home')
  home(@Req() req: Request) {
    return { user: req.session.userId };
  }
}
