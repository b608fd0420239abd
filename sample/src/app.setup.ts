import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import session from 'express-session';
import { withSession } from 'nestjs-session-timeout/sockets';
import { Storage } from './storage/storage.js';

declare module 'express-session' {
  interface SessionData {
    /** The id of the signed-in user. */
    user: string;
  }
}

const PUBLIC = fileURLToPath(new URL('../public', import.meta.url));

/** Sets up what comes before the routes: security headers, static files, the session, and sockets. */
export function setUp(app: NestExpressApplication): void {
  app.useSecurityHeaders({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: "'none'",
        scriptSrc: "'self'",
        styleSrc: "'self'",
        connectSrc: "'self'",
        imgSrc: "'self'",
        formAction: "'self'",
        frameAncestors: "'none'",
        baseUri: "'none'",
      },
    },
    xFrameOptions: { action: 'deny' },
    // Without a referrer, forms post `Origin: null`, and the protection below would refuse them on plain http.
    referrerPolicy: { policy: 'same-origin' },
  });
  app.enableCsrfProtection();
  app.useStaticAssets(PUBLIC, { prefix: '/assets/' });
  const sessions = session({
    store: app.get(Storage).sessions,
    secret: process.env['SESSION_SECRET'] ?? randomBytes(32).toString('base64url'),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  });
  app.use(sessions);
  app.useWebSocketAdapter(new (withSession(WsAdapter))(app, { session: sessions }));
}
