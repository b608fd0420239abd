import { randomUUID } from 'node:crypto';
import { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { RedisLedger } from '../../../src/ledger/redis/index.js';
import { describeWithRedis } from '../../instances/support/redis-server.js';
import { ledgerTests } from '../support/ledger-tests.js';
import { type Clients, connectAll, LIBRARIES } from './support/clients.js';

describeWithRedis('RedisLedger', () => {
  let clients: Clients;
  const prefix = `test-${randomUUID()}:`;

  beforeAll(async () => {
    clients = await connectAll();
  });
  afterAll(() => clients?.close(prefix));

  describe.each(Object.entries(LIBRARIES))('with %s', (library, client) => {
    ledgerTests((index) => ({ ledger: new RedisLedger(clients[client], { prefix: `${prefix}${library} ${index}:` }) }));
  });

  describe('coalescing', () => {
    ledgerTests((index) => {
      const under = new RedisLedger(clients.nodeRedis, { prefix: `${prefix}coalescing ${index}:` });
      const ledger = new CoalescingLedger(under, { within: 20 });
      return { ledger, close: () => ledger.close() };
    });
  });
});
