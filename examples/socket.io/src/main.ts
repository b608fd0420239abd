import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import session from 'express-session';
import { withSession } from 'nestjs-session-timeout/sockets';
import { AppModule } from './app.module.js';

declare module 'express-session' {
  interface SessionData {
    userId?: string;
  }
}

const app = await NestFactory.create(AppModule);
const secret = process.env.SESSION_SECRET ?? 'for development only';
const sessionMiddleware = session({ secret, resave: false, saveUninitialized: false });
app.use(sessionMiddleware);
app.useWebSocketAdapter(new (withSession(IoAdapter))(app, { session: sessionMiddleware }));
await app.listen(process.env.PORT ?? 3000);
