import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { SessionTimeoutModule } from 'nestjs-session-timeout';
import { PageController } from './page.controller.js';
import { UserResolver } from './user.resolver.js';

@Module({
  imports: [
    SessionTimeoutModule.forRoot({
      idleTimeout: process.env.IDLE ?? '15m', // to see it soon: IDLE=30s npm start
      identify: (session) => session.userId,
    }),
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
  ],
  controllers: [PageController],
  providers: [UserResolver],
})
export class AppModule {}
