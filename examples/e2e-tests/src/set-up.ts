import type { INestApplication } from '@nestjs/common';
import session from 'express-session';

declare module 'express-session' {
  interface SessionData {
    userId?: string;
  }
}

/** What main.ts and the tests mount. */
export function setUp(app: INestApplication): void {
  const secret = process.env.SESSION_SECRET ?? 'for development only';
  app.use(session({ secret, resave: false, saveUninitialized: false }));
}
