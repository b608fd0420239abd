import { Controller, Get, type LoggerService, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { AllowExpired } from '../../../src/index.js';
import { startApp, type TestApp } from '../../support/app.js';
import { sleep } from '../../instances/support/binaries.js';
import { sessionCookie, sessionIdOf } from '../../support/cookies.js';
import { type RawAnswer, RawConnection } from '../../support/raw-http.js';

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

/** An answer has to come within this time, in milliseconds, on a busy machine. */
const PATIENCE = 20_000;

export async function startTarget(): Promise<Target> {
  const logged: string[] = [];
  const log = (message: unknown) => void logged.push(String(message));
  const logger: LoggerService = { log, warn: log, error: log };
  const world: { redirectTo: unknown } = { redirectTo: '/login' };
  const waiting = new Set<Request>();
  const started = await startApp({
    beforeSession: (app) =>
      app.use((req: Request, res: Response, next: () => void) => {
        // Whoever has said that a body comes is waited for, and not us.
        const hasBody = ['content-length', 'transfer-encoding', 'expect'].some((name) => name in req.headers);
        if (!hasBody) waiting.add(req);
        res.on('close', () => waiting.delete(req));
        next();
      }),
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
  const { port } = started.app.getHttpServer().address() as AddressInfo;
  const target: Target = Object.assign(world, started, {
    port,
    send: (bytes: string | Buffer) => exchanged(port, bytes, () => waiting.size > 0),
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

/** Sends bytes that may be no request, or half of one, and reads what comes until the connection is closed. */
async function exchanged(port: number, bytes: string | Buffer, isWaitedFor: () => boolean): Promise<RawAnswer[]> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const connection = new RawConnection(socket);
  const answers = all(connection, String(bytes));
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  const deadline = performance.now() + PATIENCE;
  try {
    for (;;) {
      const read = await Promise.race([answers, sleep(100)]);
      if (read) return read;
      // What the application has not got yet will never be complete: nothing more comes.
      if (!isWaitedFor()) socket.end();
      if (performance.now() > deadline) throw new Error(`No answer within ${PATIENCE} ms`);
    }
  } finally {
    connection.close();
  }
}

async function all(connection: RawConnection, sent: string): Promise<RawAnswer[]> {
  const method = sent.startsWith('HEAD ') ? 'HEAD' : 'GET';
  const answers: RawAnswer[] = [];
  for (;;) {
    const answer = await connection.read(method);
    if (!answer) return answers;
    answers.push(answer);
  }
}
