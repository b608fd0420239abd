import { Body, Controller, Get, HttpCode, Injectable, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import passportLibrary from 'passport';
import { Strategy } from 'passport-local';
import { AllowExpired } from '../../../src/index.js';
import { type AppOptions, startApp, type TestApp } from '../../support/app.js';
import { Gate } from '../../support/gate.js';

declare global {
  // eslint-disable-next-line typescript/no-namespace
  namespace Express {
    interface User {
      id: string;
    }
  }
}

/** The user whom passport has put into a session. */
export const passportUser = (session: Request['session']): string | undefined =>
  (session['passport'] as { user?: string } | undefined)?.user;

/** Who is known, and by which password. */
export const PASSWORD = 'correct horse';

type PassportInstance = passportLibrary.Authenticator;

export interface PassportOptions extends Omit<AppOptions, 'setup'> {
  keepSessionInfo?: boolean;
  /** What main.ts mounts between express-session and passport.session(). */
  beforePassport?: (app: NestExpressApplication) => void;
  /** What main.ts does after express-session and passport.session() are mounted. */
  setup?: (app: NestExpressApplication, passport: PassportInstance) => void;
}

export interface PassportApp extends TestApp {
  /** Where `GET /slow` waits. */
  gate: Gate;
  passport: PassportInstance;
}

/** Starts an application that signs in with passport, wired by hand as its documentation does. */
export async function startPassportApp({ keepSessionInfo = false, ...given }: PassportOptions): Promise<PassportApp> {
  const passport = new passportLibrary.Passport();
  const gate = new Gate();
  passport.use(
    new Strategy((username, password, done) => done(null, password === PASSWORD ? { id: username } : false)),
  );
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id: string, done) => done(null, { id }));

  /** What `AuthGuard('local')` of @nestjs/passport is at its core. */
  @Injectable()
  class LocalGuard implements CanActivate {
    canActivate(context: ExecutionContext): Promise<boolean> {
      const http = context.switchToHttp();
      const req = http.getRequest<Request>();
      return new Promise((resolve, reject) => {
        passport.authenticate('local', (error: unknown, user: Express.User | false) => {
          if (error || !user) return error ? reject(error) : resolve(false);
          req.logIn(user, { session: true, keepSessionInfo }, (failure: unknown) =>
            failure ? reject(failure) : resolve(true),
          );
        })(req, http.getResponse<Response>(), reject);
      });
    }
  }

  @Controller()
  class PassportController {
    @Post('login')
    @AllowExpired()
    @HttpCode(200)
    @UseGuards(LocalGuard)
    login(@Req() req: Request) {
      return { user: req.user?.id };
    }

    @Post('logout')
    @HttpCode(204)
    async logout(@Req() req: Request) {
      await new Promise<void>((resolve, reject) =>
        req.logout({ keepSessionInfo }, (error) => (error ? reject(error) : resolve())),
      );
    }

    @Get('me')
    me(@Req() req: Request) {
      return seen(req);
    }

    @Get('public')
    @AllowExpired()
    public(@Req() req: Request) {
      return seen(req);
    }

    @Post('note')
    note(@Req() req: Request, @Body() body: { note: string }) {
      req.session['note'] = body.note;
      return {};
    }

    @Get('slow')
    async slow(@Req() req: Request) {
      await gate.pass();
      req.session['late'] = true;
      return seen(req);
    }

    @Get('slow-read')
    async slowRead(@Req() req: Request) {
      await gate.pass();
      return seen(req);
    }

    @Get('raw')
    raw(@Req() req: Request, @Res() res: Response) {
      res.json(seen(req));
    }
  }

  const started = await startApp({
    controllers: [PassportController],
    ...given,
    setup: (app) => {
      given.beforePassport?.(app);
      app.use(passport.initialize());
      app.use(passport.session());
      given.setup?.(app, passport);
    },
  });
  return { ...started, gate, passport };
}

/** Everything by which a handler could tell who is signed in. */
export function seen(req: Request) {
  return {
    user: req.user?.id ?? null,
    stored: (req.session && passportUser(req.session)) ?? null,
    note: req.session?.['note'] ?? null,
    authenticated: req.isAuthenticated(),
  };
}

export const NOBODY = { user: null, stored: null, note: null, authenticated: false };
