import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AuthController } from './auth.controller.js';
import { AuthGuard } from './auth.guard.js';
import { PasswordsService } from './passwords.service.js';
import { SignInRequiredFilter } from './sign-in-required.js';

@Module({
  controllers: [AuthController],
  providers: [
    PasswordsService,
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_FILTER, useClass: SignInRequiredFilter },
  ],
  exports: [PasswordsService],
})
export class AuthModule {}
