import { Logger } from '@nestjs/common';
import ms from 'ms';
import { limits } from '../limits.js';
import type { Note } from './notebook.js';
import type { Storage } from './storage.js';

const NOTES = 'notes:';
const PHONES = 'phones';

/** Stores everything in Redis, shared by all instances. The packages are loaded only if it is used. */
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
    // The ledger decides when a session ends. The row only has to live as long, so requests do not touch it.
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
    phones: {
      of: async (user) => (await client.hGet(PHONES, user)) ?? undefined,
      set: async (user, phone) => void (await client.hSet(PHONES, user, phone)),
    },
    close: () => client.close(),
  };
}
