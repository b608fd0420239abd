import 'reflect-metadata';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import session, { type SessionOptions } from 'express-session';
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type ActivityLedger, SessionTimeoutModule, type SessionTimeoutOptions } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { byUser } from '../../support/app.js';
import { NestKindsController, OwnKindsController } from './kinds.controller.js';
import { memoryShelf, type Shelf } from './stores.js';
import { traceOf } from './trace.js';

/** How both applications are made. */
export interface TwinOptions {
  /** Called for each of the two, so that functions with a memory have one each. */
  readonly session?: () => Partial<SessionOptions>;
  readonly module?: Partial<SessionTimeoutOptions>;
  /** The ledger on a clock; none: in memory. */
  readonly ledger?: (clock: ManualClock) => ActivityLedger;
  readonly shelf?: () => Promise<Shelf>;
  /** What main.ts mounts before express-session. */
  readonly before?: (app: NestExpressApplication) => void;
  /** What main.ts mounts after express-session. */
  readonly after?: (app: NestExpressApplication) => void;
}

/** One of two applications that differ in one thing: whether they import the module. */
export interface Twin {
  readonly name: 'with us' | 'without us';
  readonly port: number;
  readonly shelf: Shelf;
  readonly secrets: readonly string[];
  readonly cookieName: string;
  close(): Promise<void>;
}

export interface Twins {
  readonly withUs: Twin;
  readonly without: Twin;
  close(): Promise<void>;
}

export const SECRET = 'the secret';
const FILES = fileURLToPath(new URL('.', import.meta.url));

export async function startTwins(options: TwinOptions = {}): Promise<Twins> {
  const [withUs, without] = await Promise.all([start('with us', options), start('without us', options)]);
  return { withUs, without, close: async () => void (await Promise.all([withUs.close(), without.close()])) };
}

async function start(name: Twin['name'], options: TwinOptions): Promise<Twin> {
  const clock = new ManualClock();
  const given = options.session?.() ?? {};
  const shelf = await (options.shelf ?? memoryShelf)();
  const ledger = options.ledger && { ledger: options.ledger(clock) };
  const cookieName = given.name ?? 'connect.sid';
  const ours = SessionTimeoutModule.forRoot({ clock, identify: byUser, cookieName, ...ledger, ...options.module });
  const moduleRef = await Test.createTestingModule({
    imports: name === 'with us' ? [ours] : [],
    controllers: [NestKindsController, OwnKindsController],
  }).compile();
  const app = moduleRef.createNestApplication<NestExpressApplication>({ logger: false });
  // The same for all answers, so that they can be compared.
  app.set('trust proxy', 1);
  app.use((req: never, res: never, next: () => void) => {
    traceOf(req).follow(req, res);
    next();
  });
  options.before?.(app);
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, ...given, store: shelf.store }));
  options.after?.(app);
  app.useStaticAssets(FILES, { prefix: '/files' });
  await app.listen(0, '127.0.0.1');
  return {
    name,
    port: (app.getHttpServer().address() as AddressInfo).port,
    shelf,
    secrets: [given.secret ?? SECRET].flat().map(String),
    cookieName,
    async close() {
      await app.close();
      await shelf.close();
    },
  };
}

/** A session id as the cookie holds it. */
export function signed(sessionId: string, secret: string): string {
  const signature = createHmac('sha256', secret).update(sessionId).digest('base64').replace(/=+$/, '');
  return encodeURIComponent(`s:${sessionId}.${signature}`);
}

/** The session id in a cookie's value, and the secret that it was signed with. */
export function unsigned(value: string, secrets: readonly string[]): { id: string; secret: number } | undefined {
  const text = decodeURIComponent(value);
  const [, id = ''] = /^s:(.*)\.[^.]*$/s.exec(text) ?? [];
  const secret = secrets.findIndex((secret) => decodeURIComponent(signed(id, secret)) === text);
  return secret < 0 ? undefined : { id, secret };
}
