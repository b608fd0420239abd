import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Header, Inject, Query, Req, Res, type Type } from '@nestjs/common';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { AllowExpired, type SessionTimeoutOptions } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { PagesController, startApp, type TestApp } from '../../support/app.js';
import { html, type PageOptions } from './html.js';

export interface SiteOptions {
  /** Options of the module. Default: idle limit 60 s, warned 20 s before, login page at `/login`. */
  readonly options?: SessionTimeoutOptions;
  /** What the pages have in common. */
  readonly page?: PageOptions;
  /** Headers of all pages. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly controllers?: Type<unknown>[];
  /** Time passes by itself, for tests whose subject is real time. Otherwise {@link Visitor.pass} moves it. */
  readonly realTime?: boolean;
  readonly setup?: (app: NestExpressApplication) => void;
  /** Is reached by the address of this machine: to browsers that is plain http. Default: `localhost`, which is safe. */
  readonly byAddress?: boolean;
}

/** A question of a browser, as it arrived. */
export interface Ping {
  readonly at: number;
  /** Seconds; `undefined` when the browser only asked. */
  readonly idleFor: number | undefined;
}

export interface Site extends Pick<TestApp, 'events' | 'service' | 'store' | 'app'> {
  readonly origin: string;
  readonly clock: ManualClock;
  readonly realTime: boolean;
  /** Requests that have not been answered. */
  readonly open: Set<Response>;
  /** Holds a request back until so much time has passed on {@link clock}. */
  after(milliseconds: number, release: () => void): void;
  /** Leaves a request without an answer. No client waits longer than ten seconds. */
  never(res: Response): void;
  /** Requests that are held back; {@link release} lets go those whose time has come. */
  readonly held: { readonly until: number; readonly release: () => void }[];
  release(): void;
  /** The pings that arrived, those that {@link Site.onPing} answered included. */
  readonly pings: Ping[];
  /** How often each path was asked for as a page. */
  readonly loads: Record<string, number>;
  /** Stands before the ping: delays it, fails it, or lets it pass with `next()`. */
  onPing: RequestHandler | undefined;
}

/** Requests of the tests themselves carry this, so that they are not counted. */
export const OBSERVER = { 'x-observer': '1' };

const PAGE = Symbol('page');
const MODULES = fileURLToPath(new URL('../../../dist', import.meta.url));

/** The pages of a small application, with the client on each. */
@Controller()
class HtmlController {
  constructor(@Inject(PAGE) private readonly page: PageOptions) {}

  @Get('page')
  private(@Req() req: Request, @Query('n') n = '1') {
    return html({ ...this.page, heading: `Payroll ${n}`, secret: secretOf(req, 'earns 4 200') });
  }

  @Get('no-store')
  @Header('Cache-Control', 'no-store')
  noStore(@Req() req: Request) {
    return html({ ...this.page, heading: 'Accounts', secret: secretOf(req, 'owns 12 000') });
  }

  @Get('frame')
  frame() {
    return html({ heading: 'Frame', script: ' ' });
  }

  @Get('login')
  @AllowExpired()
  login(@Query('reason') reason: string | undefined, @Res({ passthrough: true }) res: Response) {
    const status = res.locals['sessionStatus'] as { message?: string } | undefined;
    const alert = status?.message ?? (reason && TOLD[reason]);
    return html({ heading: 'Sign in', alert, script: this.page.script });
  }

  @Get('nothing')
  nothing(@Res() res: Response) {
    res.status(204).end();
  }
}

/** What only somebody who has signed in gets to see. */
function secretOf({ session }: Request, what: string): string | undefined {
  return session.user && `${session.user} ${what}`;
}

const TOLD: Record<string, string> = {
  idle: 'You were signed out because you were inactive.',
  absolute: 'Your session reached its maximum length.',
  'signed-out': 'You have signed out.',
  lost: 'Your session is no longer available.',
  revoked: 'Your session was ended.',
};

/** Starts a site on a port of its own. */
export async function openSite(given: SiteOptions = {}): Promise<Site> {
  const { realTime = false } = given;
  const own = {
    clock: new ManualClock(),
    realTime,
    open: new Set<Response>(),
    held: [] as Site['held'],
    after(milliseconds: number, release: () => void): void {
      own.held.push({ until: own.clock.now() + milliseconds, release });
    },
    never(res: Response): void {
      own.open.delete(res);
      own.after(10_000, () => {});
    },
    release(): void {
      const due = own.held.filter(({ until }) => until <= own.clock.now());
      own.held = own.held.filter(({ until }) => until > own.clock.now());
      for (const { release } of due) release();
    },
    pings: [] as Ping[],
    loads: {} as Record<string, number>,
    onPing: undefined as RequestHandler | undefined,
    origin: '',
  };

  function beforeSession(app: NestExpressApplication): void {
    app.useStaticAssets(MODULES, { prefix: '/modules' });
    app.use((req: Request, res: Response, next: NextFunction) => {
      own.open.add(res);
      res.on('close', () => own.open.delete(res));
      if (req.headers['sec-fetch-dest'] === 'document') own.loads[req.path] = (own.loads[req.path] ?? 0) + 1;
      if (!req.path.startsWith('/session/')) res.set(given.headers ?? {});
      next();
    });
    app.use('/session/ping', (req: Request, res: Response, next: NextFunction) => {
      if (OBSERVER['x-observer'] === req.headers['x-observer']) return next();
      const { idleFor } = req.query;
      own.pings.push({
        at: realTime ? performance.now() : own.clock.now(),
        idleFor: idleFor === undefined ? undefined : Number(idleFor),
      });
      if (own.onPing) own.onPing(req, res, next);
      else next();
    });
  }

  const started = await startApp({
    options: {
      idleTimeout: 60_000,
      warnBefore: 20_000,
      redirectTo: '/login',
      clock: realTime ? undefined : own.clock,
      ...given.options,
    },
    controllers: [PagesController, HtmlController, ...(given.controllers ?? [])],
    providers: [{ provide: PAGE, useValue: given.page ?? {} }],
    beforeSession,
    ...(given.setup && { setup: given.setup }),
  });
  const address = given.byAddress ? machineAddress() : '127.0.0.1';
  await started.app.listen(0, address);
  // On a busy machine, a connection could close just as it is used again.
  (started.app.getHttpServer() as Server).keepAliveTimeout = 0;
  const { port } = started.app.getHttpServer().address() as AddressInfo;
  const { app, events, service, store } = started;
  return Object.assign(own, {
    app,
    events,
    service,
    store,
    origin: `http://${given.byAddress ? address : 'localhost'}:${port}`,
  });
}

/** An address of this machine that is not its own loop. */
function machineAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!found) throw new Error('This machine has no IPv4 address besides 127.0.0.1.');
  return found.address;
}

/** Ends the session of whoever has signed in, as an administrator would. */
export async function revoke(site: Site): Promise<void> {
  const started = site.events.find(({ type }) => type === 'started');
  if (!started?.session) throw new Error('Nobody has signed in.');
  await site.service.end(started.session, 'revoked');
}

/** An answer of the ping that tells nothing: of a proxy, of a server in trouble. */
export const status = (code: number): RequestHandler => {
  return (_req, res) => void res.status(code).send('<h1>Sorry</h1>');
};
