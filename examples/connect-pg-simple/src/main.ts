import { NestFactory } from '@nestjs/core';
import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import { AppModule } from './app.module.js';
import { pool } from './pool.js';

declare module 'express-session' {
  interface SessionData {
    userId?: string;
  }
}

const TWELVE_HOURS = 12 * 60 * 60;

const app = await NestFactory.create(AppModule);
const PgStore = connectPgSimple(session);
const store = new PgStore({ pool, ttl: TWELVE_HOURS, createTableIfMissing: true });
const secret = process.env.SESSION_SECRET ?? 'for development only';
app.use(session({ store, secret, resave: false, saveUninitialized: false }));
app.enableShutdownHooks(); // writes the last activity before the process ends
await app.listen(process.env.PORT ?? 3000);
