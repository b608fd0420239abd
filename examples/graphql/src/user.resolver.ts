import { Args, Context, Mutation, Query, Resolver } from '@nestjs/graphql';
import { UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';
import { AllowExpired, SessionTimeoutService } from 'nestjs-session-timeout';

@Resolver()
export class UserResolver {
  constructor(private readonly sessions: SessionTimeoutService) {}

  @Query(() => String, { nullable: true })
  me(@Context('req') req: Request) {
    return req.session.userId;
  }

  @Mutation(() => String)
  @AllowExpired() // users whose session has expired may sign in again
  async signIn(@Context('req') req: Request, @Args('name') name: string, @Args('password') password: string) {
    // Your application compares the password with a hash that it has stored.
    if (name !== 'ada' || password !== 'secret') throw new UnauthorizedException();
    req.session.userId = name;
    await this.sessions.renew(req); // a new session id after signing in
    return name;
  }

  @Mutation(() => Boolean)
  @AllowExpired()
  signOut(@Context('req') req: Request) {
    return this.sessions.end(req);
  }
}
