import { Module } from '@nestjs/common';
import { SessionTimeoutModule } from 'nestjs-session-timeout';
import { PostgresLedger } from 'nestjs-session-timeout/postgres';
import { AuthController } from './auth.controller.js';
import { PagesController } from './pages.controller.js';
import { pool } from './pool.js';

const ledger = new PostgresLedger(pool);
await ledger.ensureSchema(); // or put ledger.schema into a migration

@Module({
  imports: [
    SessionTimeoutModule.forRoot({
      idleTimeout: process.env.IDLE ?? '15m', // to see it soon: IDLE=30s npm start
      absoluteTimeout: '12h',
      identify: (session) => session.userId,
      redirectTo: '/login',
      ledger,
    }),
  ],
  controllers: [AuthController, PagesController],
})
export class AppModule {}
