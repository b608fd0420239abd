import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { SessionTimeoutModule } from 'nestjs-session-timeout';
import { AuthController } from './auth.controller.js';
import { LocalStrategy, UserSerializer } from './local.js';

@Module({
  imports: [
    PassportModule.register({ session: true }),
    SessionTimeoutModule.forRoot({
      idleTimeout: process.env.IDLE ?? '15m', // to see it soon: IDLE=30s npm start
      identify: (session) => session.passport?.user,
      redirectTo: '/login',
    }),
  ],
  controllers: [AuthController],
  providers: [LocalStrategy, UserSerializer],
})
export class AppModule {}
