import { Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { AsyncResource } from 'node:async_hooks';
import { AllowExpired, type AuditEntry, SessionTimeoutService } from '../../src/index.js';
import { PagesController, startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

/** A connection of a pool. Its callbacks run where it was opened, so in the context of another request. */
let connection: AsyncResource;

const query = (callback: () => unknown) => setImmediate(() => connection.runInAsyncScope(callback));

@Controller()
class CallbackController {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Post('open')
  open() {
    connection = new AsyncResource('connection');
    return {};
  }

  @Post('query/sign-in')
  @AllowExpired()
  signIn(@Req() req: Request, @Res() res: Response) {
    query(() => {
      req.session.user = 'bob';
      res.json({});
    });
  }

  @Post('query/sign-in-and-save')
  @AllowExpired()
  signInAndSave(@Req() req: Request, @Res() res: Response) {
    query(() => {
      req.session.user = 'bob';
      req.session.save(() => res.json({}));
    });
  }

  @Post('query/stream')
  @AllowExpired()
  stream(@Req() req: Request, @Res() res: Response) {
    query(() => {
      req.session.user = 'bob';
      res.write('a');
      res.end('b');
    });
  }

  @Post('query/sign-in-again')
  @AllowExpired()
  signInAgain(@Req() req: Request, @Res() res: Response) {
    query(() =>
      req.session.regenerate(() => {
        req.session.user = 'bob';
        res.json({});
      }),
    );
  }

  @Post('query/renew')
  renew(@Req() req: Request, @Res() res: Response) {
    query(async () => {
      await this.sessions.renew(req);
      res.json({});
    });
  }

  @Post('query/sign-out')
  signOut(@Req() req: Request, @Res() res: Response) {
    query(() => req.session.destroy(() => res.json({})));
  }

  @Post('query/forget')
  forget(@Req() req: Request, @Res() res: Response) {
    query(() => {
      req.session = null as never;
      res.json({});
    });
  }

  @Post('query/end')
  end(@Req() req: Request, @Res() res: Response) {
    query(async () => {
      await this.sessions.end(req);
      res.json({});
    });
  }
}

/** The entries of a request that is answered in a callback of a connection that an administrator's request has opened. */
async function trailOf(path: string, isSignedIn: boolean): Promise<AuditEntry[]> {
  const trail: AuditEntry[] = [];
  const { signedIn, browser } = await startApp({
    controllers: [PagesController, CallbackController],
    session: { unset: 'destroy' },
    options: { audit: (entry) => void trail.push(entry) },
  });
  const admin = await signedIn('admin');
  await admin.post('/open').expect(201);
  const other = isSignedIn ? await signedIn('bob') : browser();
  trail.length = 0;
  await other.post(path).expect(201);
  return trail;
}

describe('the audit trail names the request that did something, whoever opened the connection whose callback answers', () => {
  test.each(['/query/sign-in', '/query/sign-in-and-save', '/query/stream', '/query/sign-in-again'])(
    'a sign-in by POST %s',
    async (path) => {
      const [entry, ...others] = await trailOf(path, false);
      expect(entry).toMatchObject({ type: 'started', user: 'bob', request: { path } });
      expect(entry?.request?.user).toBeUndefined();
      expect(others).toEqual([]);
    },
  );

  test.each([
    ['/query/renew', 'renewed'],
    ['/query/end', 'ended'],
    ['/query/sign-out', 'ended'],
    ['/query/forget', 'ended'],
    ['/query/sign-in-again', 'ended'],
  ])('POST %s of a user: %s', async (path, type) => {
    const [entry] = await trailOf(path, true);
    expect(entry).toMatchObject({ type, user: 'bob', request: { path, user: 'bob' } });
  });
});
