import { Module } from '@nestjs/common';
import { SessionTimeoutModule } from 'nestjs-session-timeout';
import { RedisLedger } from 'nestjs-session-timeout/redis';
import { AuthController } from './auth.controller.js';
import { PagesController } from './pages.controller.js';
import { redis } from './redis.js';

@Module({
  imports: [
    SessionTimeoutModule.forRoot({
      idleTimeout: process.env.IDLE ?? '15m', // to see it soon: IDLE=30s npm start
      absoluteTimeout: '12h',
      identify: (session) => session.userId,
      redirectTo: '/login',
      ledger: new RedisLedger(redis),
    }),
  ],
  controllers: [AuthController, PagesController],
})
export class AppModule {}
