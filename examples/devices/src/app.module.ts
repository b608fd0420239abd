import { Module } from '@nestjs/common';
import { coarseDevice, SessionTimeoutModule } from 'nestjs-session-timeout';
import { AuthController } from './auth.controller.js';
import { PagesController } from './pages.controller.js';

@Module({
  imports: [
    SessionTimeoutModule.forRoot({
      idleTimeout: process.env.IDLE ?? '15m', // to see it soon: IDLE=30s npm start
      identify: (session) => session.userId,
      redirectTo: '/login',
      maxSessions: 3, // a fourth sign-in ends the session that was idle for the longest time
      describeDevice: coarseDevice, // only as much as users need to recognise their device
    }),
  ],
  controllers: [AuthController, PagesController],
})
export class AppModule {}
