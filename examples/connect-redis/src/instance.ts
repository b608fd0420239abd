import { NestFactory } from '@nestjs/core';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { AppModule } from './app.module.js';
import { redis } from './redis.js';

declare module 'express-session' {
  interface SessionData {
    userId?: string;
  }
}

const TWELVE_HOURS = 12 * 60 * 60;

await redis.connect();
const app = await NestFactory.create(AppModule);
const store = new RedisStore({ client: redis, ttl: TWELVE_HOURS });
const secret = process.env.SESSION_SECRET ?? 'for development only';
app.use(session({ store, secret, resave: false, saveUninitialized: false }));
app.enableShutdownHooks(); // writes the last activity before the process ends
await app.listen(process.env.PORT ?? 3000);
