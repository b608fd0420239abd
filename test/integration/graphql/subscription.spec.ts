import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { startApp, stopApps } from '../../support/app.js';

afterEach(stopApps);

@Resolver()
class TicksResolver {
  @Query(() => String)
  tick() {
    return 'tick';
  }

  @Subscription(() => String)
  async *ticks() {
    yield { ticks: 'one' };
    yield { ticks: 'two' };
  }
}

test('a subscription, which has no request, is let through', async () => {
  const { app } = await startApp({
    imports: [
      GraphQLModule.forRoot<ApolloDriverConfig>({
        driver: ApolloDriver,
        autoSchemaFile: true,
        subscriptions: { 'graphql-ws': true },
      }),
    ],
    providers: [TicksResolver],
  });
  await app.listen(0);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const socket = new WebSocket(`ws://localhost:${port}/graphql`, 'graphql-transport-ws');
  const messages: { type: string; payload?: unknown }[] = [];
  socket.on('message', (message: Buffer) => {
    const received = JSON.parse(message.toString()) as (typeof messages)[number];
    messages.push(received);
    if (received.type === 'connection_ack') {
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { ticks }' } }));
    }
    if (received.type === 'complete' || received.type === 'error') socket.close();
  });
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
  await once(socket, 'close');
  expect(messages.filter(({ type }) => type !== 'connection_ack')).toEqual([
    { id: '1', type: 'next', payload: { data: { ticks: 'one' } } },
    { id: '1', type: 'next', payload: { data: { ticks: 'two' } } },
    { id: '1', type: 'complete' },
  ]);
});
