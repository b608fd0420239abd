import {
  type ArgumentsHost,
  Catch,
  Controller,
  Delete,
  type ExceptionFilter,
  Get,
  Injectable,
  Post,
  Req,
  Res,
  type Type,
  UseFilters,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { OwnRoute } from '../enforcement/decorators.js';
import { SessionUnavailableException } from '../enforcement/answer/session-unavailable.exception.js';
import { DraftAnswers } from './draft-answers.js';
import { ListAnswers } from './list-answers.js';
import { describeRoutes } from './ping.openapi.js';
import { SessionAnswers } from './session-answers.js';

type Answer = (answers: SessionAnswers, req: Request, res: Response) => Promise<void>;

const ping: Answer = (answers, req, res) => answers.ping(req, res);
const end: Answer = (answers, req, res) => answers.end(req, res);
const client: Answer = (answers, req, res) => answers.client(req, res, 'session-timeout');
const extras: Answer = (answers, req, res) => answers.client(req, res, 'extras');
const signInHere: Answer = (answers, req, res) => answers.client(req, res, 'sign-in-here');
const signedIn: Answer = (answers, req, res) => answers.signedIn(req, res);
const drafts: Answer = (answers, req, res) => answers.client(req, res, 'drafts');
const texts: Answer = (answers, req, res) => answers.texts(req, res);

/**
 * Creates the controller of this package's routes below `path`. Each call creates a new class, so that two
 * applications in one process can have different paths.
 */
export function pingController(path: string): Type<unknown> {
  @OwnRoute()
  @Controller({ path, version: VERSION_NEUTRAL })
  class PingController {
    constructor(
      private readonly answers: SessionAnswers,
      private readonly lists: ListAnswers,
      private readonly draftKeys: DraftAnswers,
    ) {}

    @Get('ping')
    @UseFilters(answerAnyway(ping))
    ping(@Req() req: Request, @Res() res: Response): Promise<void> {
      return ping(this.answers, req, res);
    }

    @Post('end')
    @OwnRoute({ tells: true })
    @UseFilters(answerAnyway(end))
    end(@Req() req: Request, @Res() res: Response): Promise<void> {
      return end(this.answers, req, res);
    }

    @Get('client.js')
    @UseFilters(answerAnyway(client))
    client(@Req() req: Request, @Res() res: Response): Promise<void> {
      return client(this.answers, req, res);
    }

    @Get('extras.js')
    @UseFilters(answerAnyway(extras))
    extras(@Req() req: Request, @Res() res: Response): Promise<void> {
      return extras(this.answers, req, res);
    }

    @Get('sign-in-here.js')
    @UseFilters(answerAnyway(signInHere))
    signInHere(@Req() req: Request, @Res() res: Response): Promise<void> {
      return signInHere(this.answers, req, res);
    }

    @Get('signed-in')
    @UseFilters(answerAnyway(signedIn))
    signedIn(@Req() req: Request, @Res() res: Response): Promise<void> {
      return signedIn(this.answers, req, res);
    }

    @Get('drafts.js')
    @UseFilters(answerAnyway(drafts))
    drafts(@Req() req: Request, @Res() res: Response): Promise<void> {
      return drafts(this.answers, req, res);
    }

    /** If a guard of the application refuses this request, there is no key. */
    @Get('draft-key')
    draftKey(@Req() req: Request, @Res() res: Response): Promise<void> {
      return this.draftKeys.key(req, res);
    }

    @Get('texts/:lang')
    @UseFilters(answerAnyway(texts))
    texts(@Req() req: Request, @Res() res: Response): Promise<void> {
      return texts(this.answers, req, res);
    }

    @Get('list')
    list(@Req() req: Request, @Res() res: Response): Promise<void> {
      return this.lists.list(req, res);
    }

    @Delete('list/:id')
    @OwnRoute({ tells: true })
    endListed(@Req() req: Request, @Res() res: Response): Promise<void> {
      return this.lists.end(req, res);
    }

    @Delete('list')
    @OwnRoute({ tells: true })
    endOthers(@Req() req: Request, @Res() res: Response): Promise<void> {
      return this.lists.endOthers(req, res);
    }
  }
  describeRoutes(PingController);
  return PingController;
}

/**
 * Guards and pipes of the application may refuse these routes: an authentication guard refuses anonymous requests.
 * Browsers need the status even then, so this filter answers instead.
 */
function answerAnyway(answer: Answer): Type<ExceptionFilter> {
  @Catch()
  @Injectable()
  class AnswerAnyway implements ExceptionFilter {
    constructor(private readonly answers: SessionAnswers) {}

    catch(refusal: unknown, host: ArgumentsHost): void {
      const http = host.switchToHttp();
      const res = http.getResponse<Response>();
      const next = http.getNext<NextFunction>();
      // Asking the ledger again would only take as long again.
      if (refusal instanceof SessionUnavailableException) next(refusal);
      else if (!res.headersSent) answer(this.answers, http.getRequest<Request>(), res).catch(next);
    }
  }
  return AnswerAnyway;
}
