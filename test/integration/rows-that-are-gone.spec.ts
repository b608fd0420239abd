import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MemoryStore, type SessionData } from 'express-session';
import { AllowExpired } from '../../src/index.js';
import { MINUTE, PagesController, startApp, stopApps } from '../support/app.js';
import { sessionCookie } from '../support/cookies.js';
import { Gate } from '../support/gate.js';
import { collector } from '../support/logs.js';

afterEach(stopApps);

type Done = (error?: unknown, row?: SessionData | null) => void;

/** Fails to delete a row that is not there, as database libraries do. */
class StrictStore extends MemoryStore {
  deletions = 0;
  reads: Gate | undefined;

  /** @param code of the error of a read; without it, reads find nothing */
  constructor(private readonly code?: string) {
    super();
  }

  override get(id: string, done: Done): void {
    super.get(id, (error, row) => {
      const failure = row || !this.code ? error : Object.assign(new Error('no such file'), { code: this.code });
      void Promise.resolve(this.reads?.pass()).then(() => done(failure, row));
    });
  }

  override destroy(id: string, done?: Done): void {
    this.deletions += 1;
    if (id in (this as unknown as { sessions: object }).sessions) return super.destroy(id, done);
    setImmediate(() => done?.(new Error('Record to delete does not exist.')));
  }
}

test.each([undefined, 'ENOENT'])(
  'parallel requests of an ended session delete its row once, in a store whose missing rows have the code %s',
  async (code) => {
    const store = new StrictStore(code);
    const logs: string[] = [];
    const { app, request, clock } = await startApp({ session: { store }, logger: collector(logs) });
    const visitor = sessionCookie(await request.post('/note').send({ note: 'first' }).expect(201));
    const cookie = sessionCookie(await request.post('/login').set('cookie', visitor).send({}).expect(201));

    clock.advance(20 * MINUTE);
    const gate = (store.reads = new Gate());
    const answers = [1, 2, 3].map(async () => request.get('/me').set('cookie', cookie).expect(401));
    await gate.hasArrived(3);
    gate.open();
    await Promise.all(answers);

    expect(logs.filter((line) => line.includes('could not be deleted'))).toEqual([]);
    const { deletions } = store;
    await app.close();
    expect(store.deletions).toBe(deletions);
  },
);

describe('a user whose session has ended', () => {
  async function signedInLongAgo() {
    const store = new StrictStore();
    const controllers = [PagesController, LeaveController];
    const { request, clock } = await startApp({ session: { store, saveUninitialized: true }, controllers });
    const visitor = sessionCookie(await request.get('/public').expect(200));
    const cookie = sessionCookie(await request.post('/login').set('cookie', visitor).send({}).expect(201));
    clock.advance(20 * MINUTE);
    return { request, cookie };
  }

  @Controller()
  class LeaveController {
    @Post('leave')
    @AllowExpired()
    leave(@Req() req: Request) {
      return new Promise<object>((resolve, reject) =>
        req.session.destroy((error) => (error ? reject(error as Error) : resolve({}))),
      );
    }
  }

  test.each(['/login', '/leave'])('can POST %s at once, as the row that is gone has gone with us', async (path) => {
    const { request, cookie } = await signedInLongAgo();
    await request.post(path).set('cookie', cookie).send({}).expect(201);
  });
});
