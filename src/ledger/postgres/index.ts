export type { PostgresClient } from './postgres-client.js';
export { PostgresLedger, type PostgresLedgerOptions } from './postgres-ledger.js';
