import {
  All,
  Body,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpCode,
  type MessageEvent,
  Param,
  Post,
  Redirect,
  Req,
  Res,
  Sse,
  StreamableFile,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import { from, type Observable, of } from 'rxjs';
import { Readable } from 'node:stream';
import { ANSWERS, type AnswerName } from './answers.js';
import { ACTS, type ActName } from './session-acts.js';
import { sessionOf, traceOf } from './trace.js';

/** What Nest's own handlers do: they return, throw, or stream. */
@Controller('nest')
export class NestKindsController {
  @All('value/:act')
  async value(@Req() req: Request, @Param('act') act: ActName) {
    await this.act(req, act);
    return { answer: 'value' };
  }

  @All('text/:act')
  async text(@Req() req: Request, @Param('act') act: ActName) {
    await this.act(req, act);
    return 'text';
  }

  @All('nothing/:act')
  async nothing(@Req() req: Request, @Param('act') act: ActName) {
    await this.act(req, act);
  }

  @All('observable/:act')
  observable(@Req() req: Request, @Param('act') act: ActName): Observable<unknown> {
    return from(this.act(req, act).then(() => ({ answer: 'observable' })));
  }

  @All('stream/:act')
  async stream(@Req() req: Request, @Param('act') act: ActName) {
    await this.act(req, act);
    return new StreamableFile(Readable.from([Buffer.from('streamed '), Buffer.from('file')]), { type: 'text/plain' });
  }

  @All('redirect/:act')
  @Redirect('/elsewhere', 302)
  async redirect(@Req() req: Request, @Param('act') act: ActName) {
    await this.act(req, act);
  }

  @All('headers/:act')
  @Header('Cache-Control', 'private, max-age=10')
  @HttpCode(203)
  async headers(@Req() req: Request, @Res({ passthrough: true }) res: Response, @Param('act') act: ActName) {
    await this.act(req, act);
    res.cookie('theme', 'dark').append('X-Many', ['1', '2']);
    return { answer: 'headers' };
  }

  @All('refusal/:act')
  async refusal(@Req() req: Request, @Param('act') act: ActName) {
    await this.act(req, act);
    throw new ForbiddenException('Not for you');
  }

  @All('failure/:act')
  async failure(@Req() req: Request, @Param('act') act: ActName) {
    await this.act(req, act);
    throw new Error('The handler fails');
  }

  @Sse('events/:act')
  events(): Observable<MessageEvent> {
    return of({ data: 'one' }, { data: { two: 2 }, id: '7' });
  }

  private async act(req: Request, act: ActName): Promise<void> {
    await ACTS[act](req, traceOf(req));
  }
}

/** What handlers do that answer by themselves. */
@Controller()
export class OwnKindsController {
  @All('own/:answer/:act')
  async own(
    @Req() req: Request,
    @Res() res: Response,
    @Param('act') act: ActName,
    @Param('answer') answer: AnswerName,
  ) {
    const trace = traceOf(req);
    await ACTS[act](req, trace);
    trace.note('before the answer', ...sessionOf(req));
    await ANSWERS[answer](res, trace);
  }

  /** Nothing in it waits for anything. */
  @All('at-once/:answer')
  atOnce(@Req() req: Request, @Res() res: Response, @Param('answer') answer: AnswerName) {
    void ANSWERS[answer](res, traceOf(req));
  }

  @Get('who')
  who(@Req() req: Request) {
    return { user: req.session?.user ?? null, note: req.session?.['note'] ?? null };
  }

  @Post('echo')
  @HttpCode(200)
  echo(@Req() req: Request, @Body() body: unknown) {
    return { body, user: req.session?.user ?? null };
  }

  @Post('basket')
  @HttpCode(204)
  basket(@Req() req: Request) {
    req.session['note'] = 'in the basket';
  }

  @Post('sign-in')
  @HttpCode(204)
  async signIn(@Req() req: Request) {
    await new Promise((resolve) => void req.session.regenerate(resolve));
    req.session.user = 'alice';
  }
}
