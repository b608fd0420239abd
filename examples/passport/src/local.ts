import { type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { AuthGuard, PassportSerializer, PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy } from 'passport-local';

declare module 'express-session' {
  interface SessionData {
    passport?: { user: string };
  }
}

declare global {
  namespace Express {
    interface User {
      id: string;
    }
  }
}

@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy) {
  validate(username: string, password: string): Express.User {
    // Your application compares the password with a hash that it has stored.
    if (username !== 'ada' || password !== 'secret') throw new UnauthorizedException();
    return { id: username };
  }
}

/** What is stored in the session: the id of the user. */
@Injectable()
export class UserSerializer extends PassportSerializer {
  serializeUser(user: Express.User, done: (error: Error | null, id: string) => void) {
    done(null, user.id);
  }

  deserializeUser(id: string, done: (error: Error | null, user: Express.User) => void) {
    done(null, { id });
  }
}

@Injectable()
export class LocalGuard extends AuthGuard('local') {
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    await super.logIn(context.switchToHttp().getRequest<Request>()); // stores the user in the session
    return true;
  }
}
