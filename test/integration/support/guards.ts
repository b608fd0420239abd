import { type CanActivate, type ExecutionContext, Injectable, Scope, UnauthorizedException } from '@nestjs/common';
import { SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

/** What most applications call the decorator that lets anybody in. */
export const Public = () => SetMetadata('public', true);

/** What the guards of the applications under test answer to anybody they do not know. */
export const HOST_REFUSAL = { message: 'Please sign in', error: 'Unauthorized', statusCode: 401 };

/** The authentication guard most applications have: who is not signed in is refused. */
@Injectable()
export class AuthGuard implements CanActivate {
  private readonly reflector = new Reflector();

  canActivate(context: ExecutionContext): boolean {
    const isPublic = this.reflector.getAllAndOverride('public', [context.getHandler(), context.getClass()]);
    if (isPublic || context.switchToHttp().getRequest<Request>().session?.user) return true;
    throw new UnauthorizedException(HOST_REFUSAL.message);
  }
}

/** The same, made anew for each request. */
@Injectable({ scope: Scope.REQUEST })
export class RequestScopedAuthGuard extends AuthGuard {}

/** The same as a promise. */
@Injectable()
export class SlowAuthGuard extends AuthGuard {
  override canActivate(context: ExecutionContext): never {
    return Promise.resolve().then(() => super.canActivate(context)) as never;
  }
}
