import { Controller, Get, Param, Post, Req } from '@nestjs/common';
import express, { type Request, type RequestHandler } from 'express';
import type { SessionData } from 'express-session';
import { AllowExpired } from '../../../../src/index.js';
import { type AppOptions, PagesController, startApp } from '../../../support/app.js';
import { sessionCookie, setCookies } from '../../../support/cookies.js';
import { collector } from '../../../support/logs.js';

/** What a handler does with the session of its request. */
export type Act = (req: Request) => unknown;
export type Whoever = Partial<SessionData> & { readonly box?: { readonly user?: string; readonly cookie?: unknown } };

export const promised = (work: (done: (error?: unknown) => void) => void) =>
  new Promise<void>((resolve, reject) => work((error) => (error ? reject(error as Error) : resolve())));
export const saved = ({ session }: Request) => promised((done) => session.save(done));

const identify = ({ user, box }: Whoever) => {
  const { cookie } = box ?? {};
  return user ?? box?.user ?? (typeof cookie === 'string' ? cookie : undefined);
};
/** What happens before the handler of a sign-in answers. */
const work = { meanwhile: async () => {} };

/** What handlers can do, by name. */
export const acts: Record<string, Act> = {};

@Controller()
@AllowExpired()
class ActsController {
  @Post('acts/:name')
  async act(@Req() req: Request, @Param('name') name: string) {
    await acts[name]?.(req);
    await work.meanwhile();
    return {};
  }

  @Get('who')
  who(@Req() req: Request) {
    return { user: identify(req.session) ?? null, note: req.session['note'] ?? null };
  }
}

/** Does the same before our middleware. */
export const router: RequestHandler = express.Router().post('/acts/:name', (req, res, next) => {
  const done = Promise.resolve(acts[req.params.name]?.(req)).then(() => work.meanwhile());
  done.then(() => void res.json({}), next);
});

/** How a session id comes with a request. */
export type Carry = (cookie: string) => Record<string, string>;
const asCookie: Carry = (cookie) => ({ cookie });

/** Starts an application, and plants a cookie. */
export async function start(given: AppOptions = {}, carry = asCookie) {
  const logs: string[] = [];
  const app = await startApp({
    controllers: [PagesController, ActsController],
    logger: collector(logs),
    ...given,
    options: { identify, ...given.options },
  });
  const cookie = sessionCookie(await app.request.post('/note').send({ note: 'planted' }).expect(201));
  const who = (headers = carry(cookie)) => app.request.get('/who').set(headers);
  const act = (name: string) => app.request.post(`/acts/${encodeURIComponent(name)}`).set(carry(cookie));

  /** Signs the victim in, and returns whom the attacker and the victim are served as, meanwhile and afterwards. */
  async function signIn(name: string) {
    const attacker: unknown[] = [];
    work.meanwhile = async () => void attacker.push((await who()).body.user ?? null);
    const answer = await act(name);
    await work.meanwhile();
    const own = setCookies(answer).find((set) => set.startsWith('connect.sid=s'));
    const victim = await who(own === undefined ? carry(cookie) : { cookie: own.split(';', 1)[0] as string });
    await work.meanwhile();
    work.meanwhile = async () => {};
    return { attacker, victim };
  }
  return { ...app, cookie, logs, who, act, signIn };
}
