import { Controller, Get, type LoggerService, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AddressInfo } from 'node:net';
import { AllowExpired } from '../../../src/index.js';
import { startApp, type TestApp } from '../../support/app.js';
import { sessionCookie, sessionIdOf } from '../../support/cookies.js';
import type { RawAnswer } from '../../support/raw-http.js';
import { exchanged, Inside } from './connections.js';

/** An application without a fault of its own, whatever it is sent. */
@Controller()
class OwnController {
  @Post('login')
  @AllowExpired()
  async login(@Req() req: Request) {
    await new Promise((resolve) => void req.session.regenerate(resolve));
    req.session.user = typeof req.body?.user === 'string' ? req.body.user : 'somebody';
    return {};
  }

  @Get('me')
  me(@Req() req: Request) {
    return { user: req.session.user ?? null };
  }

  @Get('by-itself')
  byItself(@Req() req: Request, @Res() res: Response) {
    res.json({ user: req.session.user ?? null });
  }
}

/** An application that is attacked. */
export interface Target extends TestApp {
  readonly port: number;
  /** Where an ended session is led to. */
  redirectTo: unknown;
  /** Sends bytes, and reads all answers until the connection is closed. */
  send(bytes: string | Buffer): Promise<readonly RawAnswer[]>;
  /** Signs somebody in, and returns the cookie and the id of the session. */
  signIn(user?: string): Promise<{ readonly cookie: string; readonly id: string }>;
  /** Fails unless everything is as it has to be, whatever was sent. */
  check(answers: readonly RawAnswer[]): void;
  /** Fails unless whoever is signed in is served. */
  stillServes(): Promise<void>;
}

export async function startTarget(): Promise<Target> {
  const logged: string[] = [];
  const log = (message: unknown) => void logged.push(String(message));
  const logger: LoggerService = { log, warn: log, error: log };
  const world: { redirectTo: unknown } = { redirectTo: '/login' };
  const inside = new Inside();
  const started = await startApp({
    beforeSession: (app) => app.use(inside.note),
    controllers: [OwnController],
    logger,
    options: {
      identify: ({ user }) => (typeof user === 'string' ? user : undefined),
      redirectTo: () => world.redirectTo as string,
      passiveRoutes: ['/passive/*rest'],
      debug: true,
    },
  });
  await started.app.listen(0, '127.0.0.1');
  inside.watch(started.app.getHttpServer());
  const { port } = started.app.getHttpServer().address() as AddressInfo;
  const target: Target = Object.assign(world, started, {
    port,
    send: (bytes: string | Buffer) => exchanged(port, bytes, inside),
    async signIn(user = 'alice') {
      const cookie = sessionCookie(await started.request.post('/login').send({ user }).expect(201));
      return { cookie, id: sessionIdOf(cookie) };
    },
    check(answers: readonly RawAnswer[]) {
      for (const answer of answers) checkAnswer(answer);
      const broken = logged.splice(0).filter((line) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(line));
      expect(broken).toEqual([]);
    },
    async stillServes() {
      await started.request.get('/me').set('cookie', known.cookie).expect(200, { user: 'alice' });
    },
  });
  const known = await target.signIn();
  return target;
}

/** The application has no fault of its own, so 500 is ours. */
function checkAnswer({ status, statusLine, headers, isCut }: RawAnswer): void {
  expect([status === 500, isCut, statusLine]).toEqual([false, false, statusLine]);
  for (const [name, value] of headers) {
    expect(name).toMatch(/^[\w-]+$/);
    expect(value).not.toMatch(/[^\t\x20-\x7e\x80-\xff]/);
    expect(name.toLowerCase()).not.toBe('x-injected');
  }
}
