import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import session from 'express-session';
import { fileURLToPath } from 'node:url';
import { AppModule } from './app.module.js';

declare module 'express-session' {
  interface SessionData {
    userId?: string;
  }
}

const app = await NestFactory.create<NestExpressApplication>(AppModule);
const secret = process.env.SESSION_SECRET ?? 'for development only';
app.use(session({ secret, resave: false, saveUninitialized: false }));
app.useStaticAssets(fileURLToPath(new URL('.', import.meta.resolve('htmx.org'))), { prefix: '/htmx/' });
await app.listen(process.env.PORT ?? 3000);
