import { Module } from '@nestjs/common';
import { SessionTimeoutModule } from 'nestjs-session-timeout';
import { AuthController } from './auth.controller.js';
import { PagesController } from './pages.controller.js';

@Module({
  imports: [
    SessionTimeoutModule.forRoot({
      idleTimeout: process.env.IDLE ?? '15m', // to see it soon: IDLE=30s npm start
      identify: (session) => session.userId,
      redirectTo: '/login',
    }),
  ],
  controllers: [AuthController, PagesController],
})
export class AppModule {}
