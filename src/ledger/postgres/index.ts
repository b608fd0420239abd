export { type PostgresClient, PostgresLedger, type PostgresLedgerOptions } from './postgres-ledger.js';
