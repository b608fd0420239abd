import type { NextFunction, Request, Response } from 'express';
import type { SessionTimeoutOptions } from '../../../src/index.js';
import { PASSWORD, passportUser, startPassportApp } from '../../integration/support/passport.js';
import { byUser, startApp, stopApps } from '../../support/app.js';
import { collector } from '../../support/logs.js';

afterEach(stopApps);

const TEXT =
  'passport keeps a user in a session (session.passport.user), but identify finds no user in the session, so it has no limits. ' +
  'Return what your sign-in stores, such as session.passport?.user.';

/** Signs somebody in with passport, twice. Returns the warnings. */
async function warningsFor(options: SessionTimeoutOptions): Promise<string[]> {
  const logs: string[] = [];
  const { browser } = await startPassportApp({ options, logger: collector(logs) });
  for (const username of ['alice', 'bob']) {
    const one = browser();
    await one.get('/me').expect(200);
    await one.post('/login').send({ username, password: PASSWORD }).expect(200);
    for (let i = 0; i < 2; i += 1) await one.get('/me').expect(200);
  }
  return logs.filter((line) => line.includes('identify finds no user'));
}

describe('a user whom passport keeps in the session', () => {
  test('is told of once if identify does not find the user', async () => {
    expect(await warningsFor({ identify: byUser })).toEqual([TEXT]);
  });

  test('is not told of if identify finds the user, or is not set', async () => {
    expect(await warningsFor({ identify: passportUser })).toEqual([]);
    expect(await warningsFor({ identify: undefined })).toEqual([]);
  });

  test('is not told of if identify has found others: it may leave some users out', async () => {
    const identify: SessionTimeoutOptions['identify'] = (session) => {
      const user = passportUser(session);
      return user === 'bob' ? undefined : user;
    };
    expect(await warningsFor({ identify })).toEqual([]);
  });
});

test('a user who comes with a token, beside the session of a visitor, is not told of', async () => {
  const logs: string[] = [];
  const { browser } = await startApp({
    setup: (app) =>
      app.use((req: Request, _res: Response, next: NextFunction) => {
        req.user = { id: 'robot' };
        next();
      }),
    logger: collector(logs),
  });
  const visitor = browser();
  await visitor.post('/note').send({ note: 'a basket' }).expect(201);
  for (let i = 0; i < 2; i += 1) await visitor.get('/me').expect(200, { user: null });
  expect(logs.join()).not.toContain('identify finds no user');
});
