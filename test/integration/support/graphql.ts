import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Injectable, type CanActivate, UnauthorizedException, UseGuards } from '@nestjs/common';
import { Context, GraphQLModule, Mutation, Query, ResolveField, Resolver, ObjectType, Field } from '@nestjs/graphql';
import type { Request } from 'express';
import { AllowExpired, PassiveRoute, SessionStatus } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { type AppOptions, startApp } from '../../support/app.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { regenerated } from '../../support/session-calls.js';

export interface GraphqlContext {
  readonly req: Request;
}

@Injectable()
class NobodyGuard implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException('not for you');
  }
}

@ObjectType()
class Profile {
  @Field(() => String, { nullable: true })
  name!: string | null;
}

@Resolver(() => Profile)
export class ProfileResolver {
  static calls = 0;

  @Query(() => Profile)
  profile(@Context() { req }: GraphqlContext): Profile {
    ProfileResolver.calls += 1;
    return { name: req.session.user ?? null };
  }

  @ResolveField(() => String, { nullable: true })
  nick(@Context() { req }: GraphqlContext): string | null {
    return req.session.user ?? null;
  }

  @Query(() => String, { nullable: true })
  me(@Context() { req }: GraphqlContext) {
    ProfileResolver.calls += 1;
    return req.session.user ?? null;
  }

  @Query(() => String, { nullable: true })
  @PassiveRoute()
  feed(@Context() { req }: GraphqlContext) {
    return req.session.user ?? null;
  }

  @Query(() => String, { nullable: true })
  @AllowExpired()
  open(@Context() { req }: GraphqlContext) {
    return req.session?.user ?? null;
  }

  @Query(() => String)
  @AllowExpired()
  status(@SessionStatus() status: SessionStatus) {
    return status.state;
  }

  @Query(() => String)
  @UseGuards(NobodyGuard)
  forbidden() {
    return 'never';
  }

  @Mutation(() => String)
  @AllowExpired()
  async signIn(@Context() { req }: GraphqlContext): Promise<string> {
    await regenerated(req.session);
    req.session.user = 'alice';
    return 'alice';
  }

  @Mutation(() => Boolean)
  async signOut(@Context() { req }: GraphqlContext): Promise<boolean> {
    await new Promise<void>((resolve, reject) => req.session.destroy((error) => (error ? reject(error) : resolve())));
    return true;
  }
}

/** Starts an application with a GraphQL endpoint of Apollo, in which alice has signed in. */
export async function startGraphql({ options, ...given }: AppOptions = {}, driver: Partial<ApolloDriverConfig> = {}) {
  const clock = new ManualClock();
  const ledger = new CountingLedger(clock);
  const asked: string[] = [];
  const started = await startApp({
    clock,
    imports: [GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true, ...driver })],
    providers: [ProfileResolver],
    ...given,
    options: {
      ledger,
      limitsFor: (_req, user) => {
        asked.push(String(user));
        return undefined;
      },
      ...options,
    },
  });
  const browser = await started.signedIn();
  ledger.reset();
  asked.length = 0;
  ProfileResolver.calls = 0;
  const ask = (query: string) => browser.post('/graphql').send({ query });
  return { ...started, anybody: started.browser, ledger, asked, browser, ask };
}
