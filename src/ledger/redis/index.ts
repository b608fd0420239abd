export type { IoRedisClient, NodeRedisClient, RedisClient } from './redis-client.js';
export { RedisLedger, type RedisLedgerOptions } from './redis-ledger.js';
