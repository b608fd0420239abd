import { Logger } from '@nestjs/common';
import ms from 'ms';
import { limits } from '../limits.js';
import type { Note } from './notebook.js';
import type { Storage } from './storage.js';

const NOTES = 'notes:';

/** Everything in Redis, where all instances see it. Its packages are loaded only if it is used. */
export async function redisStorage(url: string): Promise<Storage> {
  const [{ createClient }, { RedisStore }, { RedisLedger }] = await Promise.all([
    import('redis'),
    import('connect-redis'),
    import('nestjs-session-timeout/redis'),
  ]);
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', (error: Error) => Logger.error(error.message || String(error), 'Redis'));
  await client.connect();

  return {
    // The ledger knows when a session ends; its row has to last that long, and no request needs to touch it.
    sessions: new RedisStore({
      client,
      disableTouch: true,
      ttl: Math.ceil(ms(limits.absoluteTimeout as ms.StringValue) / 1000),
    }),
    ledger: new RedisLedger(client),
    notebook: {
      add: async (user, note) => void (await client.lPush(NOTES + user, JSON.stringify(note))),
      of: async (user) => (await client.lRange(NOTES + user, 0, -1)).map((note) => JSON.parse(note) as Note),
    },
    close: () => client.close(),
  };
}
