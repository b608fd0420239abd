import { Controller, Get, type INestApplication, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import type { SessionOptions } from 'express-session';
import supertest from 'supertest';
import { passportUser } from '../../../integration/support/passport.js';
import { PagesController, startApp, type TestApp } from '../../../support/app.js';
import { cookieAfter, sessionCookie, sessionIdOf } from '../../../support/cookies.js';
import { Gate } from '../../../support/gate.js';
import { mountSignIns, type SignIn, SignInController, SignInModule, VICTIM, work } from './sign-ins.js';
import { type Meanwhile, WatchedLedger, WatchedStore } from './watched.js';
import { ManualClock } from '../../../../src/testing/index.js';

/** Where slow requests wait. */
export const slowPolls = { gate: new Gate() };

/** Who a page says is signed in, and what it shows of a visitor. */
@Controller()
class WhoController {
  @Get('who')
  who(@Req() req: Request) {
    return { user: passportUser(req.session) ?? req.session.user ?? null, note: req.session['note'] ?? null };
  }

  @Post('poll')
  poll(@Req() req: Request) {
    req.session['polled'] = true;
    return { user: passportUser(req.session) ?? req.session.user ?? null };
  }

  @Post('slow-save')
  async slowSave(@Req() req: Request) {
    await slowPolls.gate.pass();
    req.session['polled'] = true;
    await new Promise<void>((resolve) => req.session.save(() => resolve()));
    return { user: passportUser(req.session) ?? req.session.user ?? null };
  }

  @Post('slow-reload')
  async slowReload(@Req() req: Request) {
    await slowPolls.gate.pass();
    await new Promise<void>((resolve) => req.session.reload(() => resolve()));
    return { user: passportUser(req.session) ?? req.session?.user ?? null };
  }
}

export interface World extends TestApp {
  readonly store: WatchedStore;
  readonly ledger: WatchedLedger;
  readonly request: ReturnType<typeof supertest>;
}

/** Starts an application in which people sign in in every way. */
export async function startWorld(session: Partial<SessionOptions> = {}): Promise<World> {
  const clock = new ManualClock();
  const store = new WatchedStore();
  const ledger = new WatchedLedger(clock);
  const app = await startApp({
    clock,
    controllers: [PagesController, WhoController, SignInController],
    imports: [SignInModule],
    session: { ...session, store },
    setup: mountSignIns,
    options: { ledger, ledgerTimeout: '1m', identify: (data) => passportUser(data) ?? data.user },
  });
  await listening(app.app);
  const world = { ...app, store, ledger };
  // From the first request on, the store is taken over.
  await world.request.get('/who').expect(200);
  return world;
}

async function listening(app: INestApplication): Promise<void> {
  await app.listen(0);
}

/** A cookie that somebody has put into the victim's browser. */
export interface Planter {
  readonly name: string;
  /** What the planter sees of himself, as long as nobody has signed in. */
  readonly self: string | null;
  readonly note?: string;
  /** Whether there is a row under the planted id. */
  readonly isRow?: boolean;
  plant(world: World): Promise<string | undefined>;
}

const NOTE = 'in the basket';

export const planters: readonly Planter[] = [
  { name: 'nobody', self: null, plant: async () => undefined },
  {
    name: 'an attacker with an empty session',
    self: null,
    isRow: true,
    async plant(world) {
      const cookie = await basket(world);
      const id = sessionIdOf(cookie);
      const { cookie: settings } = JSON.parse(world.store.sessions[id] as string);
      world.store.sessions[id] = JSON.stringify({ cookie: settings });
      return cookie;
    },
  },
  { name: 'an attacker with a basket', self: null, note: NOTE, isRow: true, plant: basket },
  { name: 'an attacker who is signed in himself', self: 'mallory', isRow: true, plant: signedIn },
  {
    name: 'an attacker who was signed in',
    self: null,
    async plant(world) {
      const cookie = await signedIn(world);
      await world.request.post('/logout').set('cookie', cookie).expect(201);
      return cookie;
    },
  },
  { name: 'an attacker who makes a cookie up', self: null, plant: async () => 'connect.sid=s%3Achosen.forged' },
];

async function basket({ request }: World): Promise<string> {
  return sessionCookie(await request.post('/note').send({ note: NOTE }).expect(201));
}

async function signedIn({ request }: World): Promise<string> {
  return sessionCookie(await request.post('/login').send({ user: 'mallory' }).expect(201));
}

/** What an application says of itself in an answer to somebody. */
interface Seen {
  readonly status: number;
  readonly user: string | null | undefined;
}

export interface Played {
  readonly answer: supertest.Response;
  readonly planted: string | undefined;
  /** The cookie that the victim has afterwards. */
  readonly own: string | undefined;
  /** What the attacker has seen: while the victim signed in, and afterwards. */
  readonly attacker: readonly Seen[];
  readonly victim: supertest.Response;
}

/** What takes its time. */
export type Slow = 'store' | 'ledger';

/** What fails while the victim signs in. */
export interface Fails {
  readonly store?: WatchedStore['fails'];
  readonly ledger?: WatchedLedger['fails'];
}

interface Playing {
  readonly slow?: readonly Slow[];
  readonly fails?: Fails;
  readonly asks?: (world: World, planted: string) => Promise<Seen>;
}

/** The victim signs in with the cookie that was planted, and the attacker asks all the time. */
export async function play(
  world: World,
  signIn: SignIn,
  planter: Planter,
  { slow = [], fails = {}, asks = askWho }: Playing = {},
): Promise<Played> {
  const planted = await planter.plant(world);
  world.events.length = 0;
  world.store.writes.length = 0;

  const attacker: Seen[] = [];
  let isAsking = false;
  const ask = async () => {
    if (planted === undefined) return;
    isAsking = true;
    attacker.push(await asks(world, planted));
    isAsking = false;
  };
  // What the attacker's own requests wait for passes at once.
  const meanwhile: Meanwhile = () => (isAsking ? Promise.resolve() : ask());
  work.meanwhile = meanwhile;
  for (const name of slow) world[name].meanwhile = meanwhile;
  Object.assign(world.store, { fails: fails.store });
  Object.assign(world.ledger, { fails: fails.ledger });

  const asking = signIn.send(world.request);
  const answer = await (planted === undefined ? asking : asking.set('cookie', planted));
  world.store.meanwhile = world.ledger.meanwhile = undefined;
  world.store.fails = world.ledger.fails = undefined;

  await ask();
  const own = cookieAfter(answer, planted);
  const asked = world.request.get('/who');
  const victim = await (own === undefined ? asked : asked.set('cookie', own));
  await ask();
  return { answer, planted, own, attacker, victim };
}

const askWho = async ({ request }: World, planted: string): Promise<Seen> =>
  seenBy(await request.get('/who').set('cookie', planted));

/** The attacker changes the session, too. */
export const askAndWrite = async ({ request }: World, planted: string): Promise<Seen> =>
  seenBy(await request.post('/poll').set('cookie', planted));

function seenBy({ status, body }: supertest.Response): Seen {
  return { status, user: body.user };
}

/** The attacker is served as before, or refused, and never as the victim. */
export function expectNobodyElse(world: World, planter: Planter, played: Played): void {
  expectNoVictim(world, played);
  for (const { status, user } of played.attacker) {
    if (status < 300) expect(user).toBe(planter.self);
    else expect(status).toBe(401);
  }
}

/** Nobody is served as the victim, and the row under the planted id has never been the victim's. */
export function expectNoVictim(world: World, { planted, attacker }: Played): void {
  expect(attacker.filter(({ user }) => user === VICTIM)).toEqual([]);
  if (planted === undefined) return;
  const plantedId = sessionIdOf(planted) ?? 'chosen';
  const rows = [...world.store.writes, { sessionId: plantedId, row: world.store.sessions[plantedId] ?? '' }];
  expect(rows.filter(({ sessionId, row }) => sessionId === plantedId && row.includes(VICTIM))).toEqual([]);
}

/** Whoever has signed in is signed in, under an id that nobody knew before, with the data of before. */
export function expectVictim(signIn: SignIn, planter: Planter, { answer, planted, own, victim }: Played): void {
  expect(answer.status).toBe(signIn.status);
  if (signIn.isTooLate && (own === undefined || own === planted)) {
    expect(victim.body.user).not.toBe(VICTIM);
    // Whoever had a session is told that it has ended, and signs in again.
    if (planter.isRow) expect(victim.body).toMatchObject({ status: 401, reason: 'replaced' });
    return;
  }
  expect(victim.status).toBe(200);
  expect(victim.body.user).toBe(VICTIM);
  expect(own).not.toBe(planted);
  if (planter.note !== undefined && !signIn.dropsData) expect(victim.body.note).toBe(planter.note);
}

/** A sign-in begins one timeline, and ends that of whoever was signed in before. */
export function expectOneStart(world: World, signIn: SignIn, { self }: Planter, { victim }: Played): void {
  const told = world.events.map(({ type, user, reason }) => [type, user, reason]);
  const ended = self === null ? [] : [['ended', self, 'replaced']];
  if (victim.body.user === VICTIM) expect(told).toEqual([...ended, ['started', VICTIM, undefined]]);
  // A session that no browser knows may have begun.
  else if (signIn.isTooLate) expect(told.filter(([type]) => type !== 'started')).toEqual(ended);
}
