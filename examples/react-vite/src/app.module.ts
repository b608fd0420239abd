import { Module } from '@nestjs/common';
import { SessionTimeoutModule } from 'nestjs-session-timeout';
import { ApiController } from './api.controller.js';

@Module({
  imports: [
    SessionTimeoutModule.forRoot({
      idleTimeout: process.env.IDLE ?? '15m', // to see it soon: IDLE=30s npm start
      identify: (session) => session.userId,
    }),
  ],
  controllers: [ApiController],
})
export class AppModule {}
