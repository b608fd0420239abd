import { Controller, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { MemoryStore } from 'express-session';
import { PagesController, startApp, stopApps } from '../support/app.js';
import { sessionCookie, sessionIdOf } from '../support/cookies.js';
import { saved } from '../support/session-calls.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';

afterEach(stopApps);

type Done = (error?: unknown) => void;

/** Deletes one session or several, as the stores of TypeORM and Prisma do. */
class ListStore extends MemoryStore {
  override destroy(ids: string | readonly string[], done?: Done): void {
    for (const id of [ids].flat()) super.destroy(id);
    setImmediate(() => done?.());
  }
}

let gate: Gate;

@Controller()
class DevicesController {
  /** Signs out everywhere. */
  @Post('sign-out-everywhere')
  async everywhere(@Req() req: Request) {
    const ids = req.body.ids as string[];
    const store = req.sessionStore as unknown as ListStore;
    await new Promise<void>((resolve, reject) => store.destroy(ids, (error) => (error ? reject(error) : resolve())));
    return {};
  }

  @Post('slow')
  async slow(@Req() req: Request) {
    await gate.pass();
    req.session['note'] = 'late';
    await saved(req.session);
    return {};
  }
}

test('a store that deletes several sessions at once signs all of them out for good', async () => {
  gate = new Gate();
  const controllers = [PagesController, DevicesController];
  const { request, events, store } = await startApp({ session: { store: new ListStore() }, controllers });
  const signIn = async () => sessionCookie(await request.post('/login').send({}).expect(201));
  const [phone, tablet, desk] = [await signIn(), await signIn(), await signIn()];
  const ids = [phone, tablet].map((cookie) => decodeURIComponent(sessionIdOf(cookie)));
  const slow = sent(request.post('/slow').set('cookie', tablet));
  await gate.hasArrived();

  await request.post('/sign-out-everywhere').set('cookie', desk).send({ ids }).expect(201);
  gate.open();
  await slow;

  expect(events.slice(3)).toMatchObject([
    { type: 'ended', reason: 'signed-out', user: 'alice' },
    { type: 'ended', reason: 'signed-out', user: 'alice' },
  ]);
  expect(Object.keys(store.sessions)).toHaveLength(1);
  for (const cookie of [phone, tablet]) {
    const { body } = await request.get('/me').set('cookie', cookie).expect(401);
    expect(body).toMatchObject({ reason: 'signed-out' });
  }
  await request.get('/me').set('cookie', desk).expect(200, { user: 'alice' });
});
