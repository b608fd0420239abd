import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { Test } from '@nestjs/testing';
import session from 'express-session';
import supertest from 'supertest';
import { SessionTimeoutModule } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { byUser, MINUTE } from '../../support/app.js';
import { CountingLedger } from '../../support/counting-ledger.js';
import { ProfileResolver } from '../support/graphql.js';

// Our middleware comes too early to see the session, and Apollo runs the guards of an operation's
// fields side by side.
test('an operation is judged once even if guards are the first to see the session', async () => {
  const clock = new ManualClock();
  const ledger = new CountingLedger(clock, async (answer) => answer);
  const asked: unknown[] = [];
  const limitsFor = (_req: unknown, user: unknown) => void asked.push(user);

  @Module({
    imports: [
      SessionTimeoutModule.forRoot({ clock, ledger, identify: byUser, limitsFor: limitsFor as () => undefined }),
      GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
    ],
    providers: [ProfileResolver],
  })
  class AppModule implements NestModule {
    configure(consumer: MiddlewareConsumer) {
      consumer.apply(session({ secret: 'test', resave: false, saveUninitialized: false })).forRoutes('{*splat}');
    }
  }
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = moduleRef.createNestApplication({ logger: false });
  try {
    await app.init();
    const browser = supertest.agent(app.getHttpServer());
    const ask = (query: string) => browser.post('/graphql').send({ query }).expect(200);
    expect((await ask('mutation { signIn }')).body).toEqual({ data: { signIn: 'alice' } });
    ledger.reset();
    asked.length = 0;

    const { body } = await ask('{ me again: me feed }');
    expect(body).toEqual({ data: { me: 'alice', again: 'alice', feed: 'alice' } });
    expect(asked).toEqual(['alice']);
    expect(ledger.calls).toEqual({ open: 0, read: 1, advance: 1, end: 0 });

    clock.advance(15 * MINUTE);
    ledger.reset();
    expect((await ask('{ me again: me }')).body.data).toEqual({ me: null, again: null });
    expect(ledger.calls.end).toBe(1);
  } finally {
    await app.close();
  }
});
