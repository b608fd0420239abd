import { NestFactory } from '@nestjs/core';
import session from 'express-session';
import { AppModule } from './app.module.js';

declare module 'express-session' {
  interface SessionData {
    userId?: string;
  }
}

const app = await NestFactory.create(AppModule);
const secret = process.env.SESSION_SECRET ?? 'for development only';
app.use(session({ secret, resave: false, saveUninitialized: false }));
await app.listen(process.env.PORT ?? 3000);
