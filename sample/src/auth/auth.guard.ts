import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { PUBLIC } from './public.decorator.js';
import { SignInRequired } from './sign-in-required.js';
import { findUser } from './user.js';

/** Lets in users who have signed in. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    if (!findUser(requestOf(context).session?.user)) throw new SignInRequired();
    return true;
  }
}

/** A message of a socket comes with the request that opened the socket. */
function requestOf(context: ExecutionContext): Request {
  return context.getType() === 'ws'
    ? context.switchToWs().getClient<{ request: Request }>().request
    : context.switchToHttp().getRequest<Request>();
}
