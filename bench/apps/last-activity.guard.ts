import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';

const IDLE_LIMIT = 15 * 60 * 1000;

/** The guard of many applications: it keeps the last activity in the session itself. */
@Injectable()
export class LastActivityGuard implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { session } = context.switchToHttp().getRequest<Request>();
    if (session.user === undefined) return true;
    const now = Date.now();
    if (now - (session.lastActivity ?? now) >= IDLE_LIMIT) {
      await new Promise((resolve) => session.destroy(resolve));
      throw new UnauthorizedException('Your session has expired');
    }
    session.lastActivity = now;
    return true;
  }
}
