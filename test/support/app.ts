import 'reflect-metadata';
import {
  Controller,
  Get,
  type INestApplication,
  type LoggerService,
  type ModuleMetadata,
  Post,
  Req,
  Res,
  type Type,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import session, { MemoryStore, type SessionOptions } from 'express-session';
import supertest from 'supertest';
import {
  AllowExpired,
  PassiveRoute,
  type SessionEvent,
  SessionTimeoutModule,
  SessionTimeoutService,
  type SessionTimeoutExtras,
  type SessionTimeoutOptions,
} from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { regenerated } from './session-calls.js';

declare module 'express-session' {
  interface SessionData {
    user: string;
    [name: string]: unknown;
  }
}

export { DAY, HOUR, MINUTE, SECOND } from './time.js';

/** What most applications have: sign-in, a page of one's own, a poll, a public page, sign-out. */
@Controller()
export class PagesController {
  @Post('login')
  @AllowExpired()
  async login(@Req() req: Request) {
    await regenerated(req.session);
    req.session.user = req.body.user ?? 'alice';
    return { user: req.session.user };
  }

  @Get('me')
  me(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }

  @Get('feed')
  @PassiveRoute()
  feed(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }

  @Get('public')
  @AllowExpired()
  public(@Req() req: Request, @Res({ passthrough: true }) res: Response) {
    return { user: req.session?.user ?? null, status: res.locals['sessionStatus'] ?? null };
  }

  @Post('note')
  note(@Req() req: Request) {
    req.session['note'] = req.body.note;
    return {};
  }

  @Post('logout')
  async logout(@Req() req: Request) {
    await new Promise<void>((resolve, reject) => req.session.destroy((error) => (error ? reject(error) : resolve())));
    return {};
  }
}

export const byUser = (session: Request['session']): string | undefined => session.user;

export interface AppOptions {
  /** Options of the module; the manual clock and `identify: byUser` are there already. */
  options?: SessionTimeoutOptions & SessionTimeoutExtras;
  /** The module itself, if not `forRoot(options)`. */
  module?: ModuleMetadata['imports'];
  session?: Partial<SessionOptions>;
  controllers?: Type<unknown>[];
  providers?: ModuleMetadata['providers'];
  imports?: ModuleMetadata['imports'];
  /** What main.ts does before and after express-session is mounted. */
  beforeSession?: (app: NestExpressApplication) => void;
  setup?: (app: NestExpressApplication) => void;
  clock?: ManualClock;
  /** Where the application logs; default: nowhere. */
  logger?: LoggerService;
}

export interface TestApp {
  app: NestExpressApplication;
  clock: ManualClock;
  store: MemoryStore & { sessions: Record<string, string> };
  events: SessionEvent[];
  service: SessionTimeoutService;
  /** A browser: it keeps its cookies. */
  browser(): ReturnType<typeof supertest.agent>;
  /** A request without cookies of its own. */
  request: ReturnType<typeof supertest>;
  /** A browser in which somebody has signed in. */
  signedIn(user?: string): Promise<ReturnType<typeof supertest.agent>>;
}

const running: INestApplication[] = [];

/** Starts an application; {@link stopApps} stops it. */
export async function startApp(given: AppOptions = {}): Promise<TestApp> {
  const clock = given.clock ?? new ManualClock();
  const store = (given.session?.store ?? new MemoryStore()) as TestApp['store'];
  const moduleRef = await Test.createTestingModule({
    imports: [
      ...(given.module ?? [SessionTimeoutModule.forRoot({ clock, identify: byUser, ...given.options })]),
      ...(given.imports ?? []),
    ],
    controllers: given.controllers ?? [PagesController],
    providers: given.providers ?? [],
  }).compile();

  const app = moduleRef.createNestApplication<NestExpressApplication>({ logger: given.logger ?? false });
  running.push(app);
  given.beforeSession?.(app);
  app.use(session({ secret: 'test', resave: false, saveUninitialized: false, ...given.session, store }));
  given.setup?.(app);
  await app.init();

  const service = app.get(SessionTimeoutService);
  const events: SessionEvent[] = [];
  service.events$.subscribe((event) => events.push(event));
  const server = app.getHttpServer();
  return {
    app,
    clock,
    store,
    events,
    service,
    browser: () => supertest.agent(server),
    request: supertest(server),
    async signedIn(user = 'alice') {
      const browser = supertest.agent(server);
      await browser.post('/login').send({ user }).expect(201);
      return browser;
    },
  };
}

/** Stops what the tests of a file have started. */
export async function stopApps(): Promise<void> {
  await Promise.all(running.splice(0).map((app) => app.close()));
}
