import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  type MiddlewareConsumer,
  Module,
  type NestInterceptor,
  type NestModule,
  Post,
  Req,
  Res,
  Session,
  Sse,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import passportLibrary from 'passport';
import { from, map, Observable, tap } from 'rxjs';
import type supertest from 'supertest';
import { AllowExpired, SessionTimeoutMiddleware, SessionTimeoutService } from '../../../../src/index.js';
import '../../../integration/support/passport.js';
import { regenerated, saved } from '../../../support/session-calls.js';

/** Who signs in everywhere here. */
export const VICTIM = 'victim';

/** What happens while a handler works on. */
export const work: { meanwhile: () => Promise<void> } = { meanwhile: async () => {} };

type SessionOf = Request['session'];

const reloaded = ({ session }: Request) =>
  new Promise<void>((resolve, reject) => session.reload((error: unknown) => (error ? reject(error) : resolve())));

/** Without an answer to wait for, as of a plain Express handler. */
const whenDone = (promise: Promise<void>, next: NextFunction, done: () => void) => void promise.then(done, next);

class SigningInGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<Request>().session.user = VICTIM;
    return true;
  }
}

class SigningInInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      tap(() => {
        context.switchToHttp().getRequest<Request>().session.user = VICTIM;
      }),
    );
  }
}

@Catch()
class SigningInFilter implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    http.getRequest<Request>().session.user = VICTIM;
    http.getResponse<Response>().status(200).json({});
  }
}

/** Every way to sign somebody in that we have seen, good and bad. */
@Controller('sign-in')
@AllowExpired()
export class SignInController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('plain')
  async plain(@Req() req: Request) {
    req.session.user = VICTIM;
    await work.meanwhile();
    return {};
  }

  @Post('assign')
  assign(@Req() req: Request) {
    Object.assign(req.session, { user: VICTIM, roles: ['reader'] });
    return {};
  }

  @Post('redirect')
  redirect(@Req() req: Request, @Res() res: Response) {
    req.session.user = VICTIM;
    res.redirect('/me');
  }

  @Post('json')
  async json(@Req() req: Request, @Res() res: Response) {
    req.session.user = VICTIM;
    await work.meanwhile();
    res.json({});
  }

  @Post('stream')
  async stream(@Req() req: Request, @Res() res: Response) {
    req.session.user = VICTIM;
    res.write('first');
    await work.meanwhile();
    res.end('last');
  }

  @Post('early-save')
  async earlySave(@Req() req: Request) {
    req.session.user = VICTIM;
    await saved(req.session);
    await work.meanwhile();
    return {};
  }

  @Post('early-save-by-itself')
  async earlySaveByItself(@Req() req: Request, @Res() res: Response) {
    req.session.user = VICTIM;
    await saved(req.session);
    await work.meanwhile();
    res.json({});
  }

  @Post('early-save-then-stream')
  async earlySaveThenStream(@Req() req: Request, @Res() res: Response) {
    req.session.user = VICTIM;
    await saved(req.session);
    res.write('first');
    await work.meanwhile();
    res.end('last');
  }

  @Post('save-unawaited')
  saveUnawaited(@Req() req: Request) {
    req.session.user = VICTIM;
    req.session.save();
    return {};
  }

  @Post('save-unawaited-then-work')
  async saveUnawaitedThenWork(@Req() req: Request) {
    req.session.user = VICTIM;
    req.session.save();
    await work.meanwhile();
    return {};
  }

  @Post('save-unawaited-then-redirect')
  saveUnawaitedThenRedirect(@Req() req: Request, @Res() res: Response) {
    req.session.user = VICTIM;
    req.session.save();
    res.redirect('/me');
  }

  @Post('save-then-redirect')
  saveThenRedirect(@Req() req: Request, @Res() res: Response) {
    req.session.user = VICTIM;
    req.session.save(() => res.redirect('/me'));
  }

  @Post('save-twice')
  async saveTwice(@Req() req: Request) {
    req.session.user = VICTIM;
    await saved(req.session);
    await work.meanwhile();
    req.session['roles'] = ['reader'];
    await saved(req.session);
    await work.meanwhile();
    return {};
  }

  @Post('save-twice-at-once')
  async saveTwiceAtOnce(@Req() req: Request) {
    req.session.user = VICTIM;
    const first = saved(req.session);
    req.session['roles'] = ['reader'];
    await Promise.all([first, saved(req.session)]);
    await work.meanwhile();
    return {};
  }

  @Post('kept-session')
  async keptSession(@Session() session: SessionOf) {
    session.user = VICTIM;
    await saved(session);
    await work.meanwhile();
    session['roles'] = ['reader'];
    await saved(session);
    await work.meanwhile();
    return {};
  }

  @Post('kept-session-at-once')
  async keptSessionAtOnce(@Session() session: SessionOf) {
    session.user = VICTIM;
    const first = saved(session);
    session['roles'] = ['reader'];
    await Promise.all([first, saved(session)]);
    await work.meanwhile();
    return {};
  }

  @Post('regenerate')
  async regenerate(@Req() req: Request) {
    await regenerated(req.session);
    req.session.user = VICTIM;
    await work.meanwhile();
    return {};
  }

  @Post('regenerate-then-redirect')
  async regenerateThenRedirect(@Req() req: Request, @Res() res: Response) {
    await regenerated(req.session);
    req.session.user = VICTIM;
    await work.meanwhile();
    res.redirect('/me');
  }

  @Post('regenerate-then-save')
  async regenerateThenSave(@Req() req: Request) {
    await regenerated(req.session);
    req.session.user = VICTIM;
    await saved(req.session);
    await work.meanwhile();
    return {};
  }

  @Post('renew')
  async renew(@Req() req: Request) {
    req.session.user = VICTIM;
    await this.sessions.renew(req);
    await work.meanwhile();
    return {};
  }

  @Post('renew-by-itself')
  async renewByItself(@Req() req: Request, @Res() res: Response) {
    req.session.user = VICTIM;
    await this.sessions.renew(req);
    await work.meanwhile();
    res.redirect('/me');
  }

  @Post('reload')
  async reload(@Req() req: Request) {
    await reloaded(req).catch(() => undefined);
    req.session.user = VICTIM;
    await work.meanwhile();
    return {};
  }

  @Post('guard')
  @UseGuards(SigningInGuard)
  async guard() {
    await work.meanwhile();
    return {};
  }

  @Post('interceptor')
  @UseInterceptors(SigningInInterceptor)
  interceptor() {
    return {};
  }

  @Post('filter')
  @UseFilters(SigningInFilter)
  filter() {
    throw new Error('somebody who knows answers this');
  }

  @Post('throw')
  async throw(@Req() req: Request) {
    req.session.user = VICTIM;
    await work.meanwhile();
    throw new Error('after the sign-in');
  }

  @Post('save-then-throw')
  async saveThenThrow(@Req() req: Request) {
    req.session.user = VICTIM;
    await saved(req.session);
    throw new Error('after the sign-in');
  }

  @Post('observable')
  observable(@Req() req: Request) {
    return from(work.meanwhile()).pipe(
      map(() => {
        req.session.user = VICTIM;
        return {};
      }),
    );
  }

  @Sse('sse')
  sse(@Req() req: Request) {
    req.session.user = VICTIM;
    return from(work.meanwhile()).pipe(map(() => ({ data: 'welcome' })));
  }

  /** Express sends HEAD here, too. */
  @Get('link')
  link(@Req() req: Request) {
    req.session.user = VICTIM;
    return {};
  }

  @Post('after-write')
  async afterWrite(@Req() req: Request, @Res() res: Response) {
    res.write('first');
    req.session.user = VICTIM;
    await work.meanwhile();
    res.end('last');
  }

  @Post('after-flush')
  async afterFlush(@Req() req: Request, @Res() res: Response) {
    res.flushHeaders();
    await work.meanwhile();
    req.session.user = VICTIM;
    res.end();
  }

  @Post('save-after-flush')
  async saveAfterFlush(@Req() req: Request, @Res() res: Response) {
    res.flushHeaders();
    req.session.user = VICTIM;
    await saved(req.session);
    await work.meanwhile();
    res.end();
  }

  @Post('middleware')
  async middleware() {
    await work.meanwhile();
    return {};
  }

  @Post('passport')
  async passport(@Req() req: Request) {
    await loggedIn(req, false);
    await work.meanwhile();
    return {};
  }

  @Post('passport-keep')
  async passportKeep(@Req() req: Request) {
    await loggedIn(req, true);
    await work.meanwhile();
    return {};
  }

  @Post('passport-redirect')
  async passportRedirect(@Req() req: Request, @Res() res: Response) {
    await loggedIn(req, true);
    await work.meanwhile();
    res.redirect('/me');
  }
}

const loggedIn = (req: Request, keepSessionInfo: boolean) =>
  new Promise<void>((resolve, reject) =>
    req.logIn({ id: VICTIM }, { session: true, keepSessionInfo }, (error: unknown) =>
      error ? reject(error) : resolve(),
    ),
  );

@Module({})
export class SignInModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply((req: Request, _res: Response, next: NextFunction) => {
        req.session.user = VICTIM;
        next();
      })
      .forRoutes('sign-in/middleware');
    consumer
      .apply((req: Request, res: Response) => {
        req.session.user = VICTIM;
        res.json({});
      })
      .forRoutes('sign-in/middleware-by-itself');
  }
}

function signInRouter() {
  const router = express.Router();
  router.post('/plain', (req, res) => {
    req.session.user = VICTIM;
    res.json({});
  });
  router.post('/work', (req, res, next) => {
    req.session.user = VICTIM;
    whenDone(work.meanwhile(), next, () => res.redirect('/me'));
  });
  router.post('/stream', (req, res, next) => {
    req.session.user = VICTIM;
    res.write('first');
    whenDone(work.meanwhile(), next, () => res.end('last'));
  });
  router.post('/save', (req, res, next) => {
    req.session.user = VICTIM;
    whenDone(
      saved(req.session).then(() => work.meanwhile()),
      next,
      () => res.json({}),
    );
  });
  router.post('/regenerate', (req, res, next) => {
    whenDone(regenerated(req.session), next, () => {
      req.session.user = VICTIM;
      res.redirect('/me');
    });
  });
  return router;
}

/** What main.ts mounts: passport, and routers before and after our middleware. */
export function mountSignIns(app: NestExpressApplication): void {
  const passport = new passportLibrary.Passport();
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id: string, done) => done(null, { id }));
  app.use(passport.initialize());
  app.use('/before-us', signInRouter());
  app.use(app.get(SessionTimeoutMiddleware).use);
  app.use('/after-us', signInRouter());
}

/** One way to sign in. */
export interface SignIn {
  readonly name: string;
  readonly send: (request: ReturnType<typeof supertest>) => supertest.Test;
  readonly status: number;
  /** Whether headers are out before the user is known: then nobody is signed in. */
  readonly isTooLate?: boolean;
  /** Whether it leaves the data of a visitor behind. */
  readonly dropsData?: boolean;
}

const post = (path: string) => (request: ReturnType<typeof supertest>) => request.post(path);

export const signIns: readonly SignIn[] = [
  { name: 'a handler that returns', send: post('/sign-in/plain'), status: 201 },
  { name: 'a handler that assigns several fields', send: post('/sign-in/assign'), status: 201 },
  { name: 'a handler that redirects by itself', send: post('/sign-in/redirect'), status: 302 },
  { name: 'a handler that answers JSON by itself', send: post('/sign-in/json'), status: 201 },
  { name: 'a handler that signs in and then streams', send: post('/sign-in/stream'), status: 201 },
  { name: 'a handler that saves early and works on', send: post('/sign-in/early-save'), status: 201 },
  {
    name: 'a handler that saves early and answers by itself',
    send: post('/sign-in/early-save-by-itself'),
    status: 201,
  },
  { name: 'a handler that saves early and then streams', send: post('/sign-in/early-save-then-stream'), status: 201 },
  { name: 'a handler that saves and does not wait', send: post('/sign-in/save-unawaited'), status: 201 },
  {
    name: 'a handler that saves, does not wait and works on',
    send: post('/sign-in/save-unawaited-then-work'),
    status: 201,
  },
  {
    name: 'a handler that saves and redirects at once',
    send: post('/sign-in/save-unawaited-then-redirect'),
    status: 302,
  },
  { name: 'a handler that redirects when it has saved', send: post('/sign-in/save-then-redirect'), status: 302 },
  { name: 'a handler that saves twice', send: post('/sign-in/save-twice'), status: 201 },
  { name: 'a handler that saves twice at once', send: post('/sign-in/save-twice-at-once'), status: 201 },
  { name: 'a handler that keeps the session and saves it twice', send: post('/sign-in/kept-session'), status: 201 },
  {
    name: 'a handler that keeps the session and saves it twice at once',
    send: post('/sign-in/kept-session-at-once'),
    status: 201,
  },
  { name: 'regenerate()', send: post('/sign-in/regenerate'), status: 201, dropsData: true },
  {
    name: 'regenerate() and a redirect',
    send: post('/sign-in/regenerate-then-redirect'),
    status: 302,
    dropsData: true,
  },
  { name: 'regenerate() and an early save', send: post('/sign-in/regenerate-then-save'), status: 201, dropsData: true },
  { name: 'renew()', send: post('/sign-in/renew'), status: 201 },
  { name: 'renew() and a redirect', send: post('/sign-in/renew-by-itself'), status: 302 },
  { name: 'a handler that reloads the session first', send: post('/sign-in/reload'), status: 201 },
  { name: 'a guard', send: post('/sign-in/guard'), status: 201 },
  { name: 'an interceptor', send: post('/sign-in/interceptor'), status: 201 },
  { name: 'an exception filter', send: post('/sign-in/filter'), status: 200 },
  { name: 'a handler that throws afterwards', send: post('/sign-in/throw'), status: 500 },
  { name: 'a handler that saves and throws afterwards', send: post('/sign-in/save-then-throw'), status: 500 },
  { name: 'an observable', send: post('/sign-in/observable'), status: 201 },
  { name: 'an event stream', send: (request) => request.get('/sign-in/sse'), status: 200 },
  { name: 'a GET', send: (request) => request.get('/sign-in/link'), status: 200 },
  { name: 'a HEAD', send: (request) => request.head('/sign-in/link'), status: 200 },
  { name: 'a handler that has begun to answer', send: post('/sign-in/after-write'), status: 201, isTooLate: true },
  { name: 'a handler that has sent headers', send: post('/sign-in/after-flush'), status: 201, isTooLate: true },
  { name: 'a handler that saves after headers', send: post('/sign-in/save-after-flush'), status: 201, isTooLate: true },
  { name: 'a middleware of Nest', send: post('/sign-in/middleware'), status: 201 },
  { name: 'a middleware of Nest that answers', send: post('/sign-in/middleware-by-itself'), status: 200 },
  { name: 'a router before our middleware', send: post('/before-us/plain'), status: 200 },
  { name: 'a router before our middleware that works on', send: post('/before-us/work'), status: 302 },
  { name: 'a router before our middleware that saves early', send: post('/before-us/save'), status: 200 },
  {
    name: 'a router before our middleware that regenerates',
    send: post('/before-us/regenerate'),
    status: 302,
    dropsData: true,
  },
  { name: 'a router after our middleware', send: post('/after-us/plain'), status: 200 },
  { name: 'a router after our middleware that works on', send: post('/after-us/work'), status: 302 },
  { name: 'a router after our middleware that streams', send: post('/after-us/stream'), status: 200 },
  { name: 'a router after our middleware that saves early', send: post('/after-us/save'), status: 200 },
  {
    name: 'a router after our middleware that regenerates',
    send: post('/after-us/regenerate'),
    status: 302,
    dropsData: true,
  },
  { name: 'passport', send: post('/sign-in/passport'), status: 201, dropsData: true },
  { name: 'passport that keeps the data', send: post('/sign-in/passport-keep'), status: 201 },
  { name: 'passport and a redirect', send: post('/sign-in/passport-redirect'), status: 302 },
];
