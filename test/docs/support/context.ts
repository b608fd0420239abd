/**
 * What short pieces of code on the pages use without saying where it comes from: names that a reader imports, and things
 * of an application.
 */

/** The modules from which a reader imports these names. */
const imported: Readonly<Record<string, readonly string[]>> = {
  '@nestjs/common': [
    'CanActivate',
    'Catch',
    'Controller',
    'ExceptionFilter',
    'ExecutionContext',
    'ArgumentsHost',
    'Get',
    'Injectable',
    'Module',
    'Post',
    'Put',
    'Query',
    'Render',
    'Req',
    'UnauthorizedException',
  ],
  '@nestjs/config': ['ConfigModule', 'ConfigService'],
  '@nestjs/core': ['APP_GUARD', 'NestFactory'],
  '@nestjs/platform-socket.io': ['IoAdapter'],
  '@nestjs/platform-ws': ['WsAdapter'],
  '@nestjs/testing': ['Test'],
  '@nestjs/websockets': ['MessageBody', 'SubscribeMessage', 'WebSocketGateway'],
  'nestjs-session-timeout': [
    'Activity',
    'ActivityLedger',
    'AllowExpired',
    'Ending',
    'LedgerRecord',
    'MaybePromise',
    'MemoryLedger',
    'Opening',
    'PassiveRoute',
    'RequireFreshAuth',
    'SessionExpiredException',
    'SessionStatus',
    'SessionTimeoutGuard',
    'SessionTimeoutMiddleware',
    'SessionTimeoutModule',
    'SessionTimeoutOptions',
    'SessionTimeoutOptionsFactory',
    'SessionTimeoutService',
    'coarseDevice',
    'presets',
    'safeReturnTo',
  ],
  'nestjs-session-timeout/client': ['startSessionTimeout'],
  'nestjs-session-timeout/postgres': ['PostgresLedger'],
  'nestjs-session-timeout/redis': ['RedisLedger'],
  'nestjs-session-timeout/sockets': ['withSession'],
  'nestjs-session-timeout/testing': ['ManualClock'],
  express: ['NextFunction', 'Request', 'RequestHandler', 'Response'],
  redis: ['createClient'],
  ws: ['WebSocket'],
};

/** What an application has: its own objects and classes, and what a test or a page of it has. */
const declared: Readonly<Record<string, string>> = {
  AppModule: 'class AppModule {}',
  CLOCK: 'const CLOCK: unique symbol;',
  MyLedger: `class MyLedger {
    readonly shared: true;
    readonly users?: undefined;
    open(): Promise<import('nestjs-session-timeout').LedgerRecord>;
    read(): Promise<undefined>;
    advance(): Promise<void>;
    end(): Promise<boolean>;
  }`,
  PagesModule: 'class PagesModule {}',
  PrismaClient: `class PrismaClient {
    constructor(options: { adapter: import('@prisma/adapter-pg').PrismaPg });
  }`,
  app: "const app: import('@nestjs/common').INestApplication;",
  body: 'const body: string;',
  client: "const client: import('nestjs-session-timeout/client').SessionTimeoutClient;",
  consumer: "const consumer: import('@nestjs/common').MiddlewareConsumer;",
  clock: "const clock: import('nestjs-session-timeout/testing').ManualClock;",
  csrfProtection: "const csrfProtection: import('express').RequestHandler;",
  fetchNewToken: 'function fetchNewToken(): Promise<void>;',
  file: 'const file: File;',
  form: 'const form: HTMLFormElement;',
  job: "const job: import('node:events').EventEmitter & { cancel(why: string): void };",
  letPass: 'function letPass(milliseconds: number): void;',
  ledger: "const ledger: import('nestjs-session-timeout').ActivityLedger;",
  logger: "const logger: import('@nestjs/common').Logger;",
  page: "const page: import('playwright-core').Page;",
  pool: "const pool: import('pg').Pool;",
  queuesRouter: "const queuesRouter: import('express').RequestHandler;",
  rememberMe: "const rememberMe: import('express').RequestHandler;",
  req: "const req: import('express').Request;",
  router: 'const router: { navigate(to: string): Promise<void> };',
  secret: 'const secret: string;',
  send: 'function send(): Promise<Response>;',
  sessionMiddleware: "const sessionMiddleware: import('express').RequestHandler;",
  sessions: "const sessions: import('nestjs-session-timeout').SessionTimeoutService;",
  store: 'const store: { clear(): void };',
  token: 'const token: string;',
  url: 'const url: string;',
  userId: 'const userId: string;',
};

/** The default exports that a reader imports under these names. */
const defaults: Readonly<Record<string, string>> = {
  passport: 'passport',
  pg: 'pg',
  request: 'supertest',
  session: 'express-session',
};

/** The lines that a piece of code needs before it, so that the names exist that it uses. */
export function contextOf(names: ReadonlySet<string>): string {
  const lines: string[] = [];
  for (const [from, all] of Object.entries(imported)) {
    const used = all.filter((name) => names.has(name));
    if (used.length > 0) lines.push(`import { ${used.join(', ')} } from '${from}';`);
  }
  for (const [name, from] of Object.entries(defaults))
    if (names.has(name)) lines.push(`import ${name} from '${from}';`);
  for (const [name, text] of Object.entries(declared)) if (names.has(name)) lines.push(`declare ${text}`);
  return lines.join('\n');
}
