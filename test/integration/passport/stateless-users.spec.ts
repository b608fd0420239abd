import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Next,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import { UseGuards } from '@nestjs/common';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { MINUTE, startApp, stopApps } from '../../support/app.js';
import { setCookies } from '../../support/cookies.js';
import { PASSWORD, seen, startPassportApp, passportUser } from '../support/passport.js';
import { timing } from '../../support/timing.js';

afterEach(stopApps);

const identify = passportUser;

/** As passport-jwt does it: a user, and no session. */
@Injectable()
class TokenGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    context.switchToHttp().getRequest<Request>().user = { id: 'robot' };
    return true;
  }
}

@Controller()
class ApiController {
  @Get('api')
  @UseGuards(TokenGuard)
  api(@Req() req: Request) {
    return { user: req.user?.id };
  }

  @Get('other')
  other(@Req() req: Request) {
    return { user: req.user?.id };
  }
}

describe('users without a session', () => {
  test.each(['a guard', 'a middleware before ours'])('who are set by %s get no session', async (way) => {
    const { request, events, store } = await startApp({
      controllers: [ApiController],
      options: { identify },
      setup: (app) => {
        app.use((req: Request, _res: Response, next: NextFunction) => {
          if (way !== 'a guard') req.user = { id: 'robot' };
          next();
        });
      },
    });
    const answer = await request.get(way === 'a guard' ? '/api' : '/other').expect(200, { user: 'robot' });
    expect(setCookies(answer)).toEqual([]);
    expect(answer.headers).not.toHaveProperty('server-timing');
    expect(store.sessions).toEqual({});
    expect(events).toEqual([]);
  });
});

test('a sign-in by a handler that answers by itself begins the timeline', async () => {
  let authenticate: RequestHandler;
  @Controller()
  class SelfController {
    @Post('self')
    self(@Req() req: Request, @Res() res: Response, @Next() next: NextFunction) {
      authenticate(req, res, (error) => (error ? next(error) : res.json(seen(req))));
    }
  }
  const started = await startPassportApp({ controllers: [SelfController], options: { identify } });
  const { clock, events, passport, store } = started;
  authenticate = passport.authenticate('local') as RequestHandler;
  const browser = started.browser();
  await browser.post('/self').send({ username: 'alice', password: PASSWORD }).expect(201);
  expect(Object.keys(store.sessions)).toHaveLength(1);
  expect(events).toEqual([expect.objectContaining({ type: 'started', user: 'alice' })]);

  clock.advance(5 * MINUTE);
  const { headers } = await browser.get('/nowhere').expect(404);
  expect(headers['server-timing']).toEqual(timing('active', 600_000));
});
