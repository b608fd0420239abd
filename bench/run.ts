// npm run bench [-- [--short | --quick] [--against <folder>] [part …]]: measures, and prints the tables of README.md.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { client } from './parts/client.js';
import { decision } from './parts/decision.js';
import { memoryLedger } from './parts/memory-ledger.js';
import { networkDelay } from './parts/network-delay.js';
import { postgresSweep } from './parts/postgres-sweep.js';
import { postgresTraffic } from './parts/postgres-traffic.js';
import { profile } from './parts/profile.js';
import { redisLists } from './parts/redis-lists.js';
import { requests } from './parts/requests.js';
import { sharedLedgers } from './parts/shared-ledgers.js';
import { storeTraffic } from './parts/store-traffic.js';
import { throughput } from './parts/throughput.js';
import { type Effort, QUICK, SHORT, THOROUGH } from './support/effort.js';
import { olderBuild } from './support/older-build.js';

const parts: Record<string, (effort: Effort, older?: string) => Promise<void>> = {
  requests,
  'store-traffic': storeTraffic,
  'network-delay': networkDelay,
  'postgres-traffic': postgresTraffic,
  'postgres-sweep': postgresSweep,
  throughput,
  decision,
  profile,
  'memory-ledger': memoryLedger,
  'shared-ledgers': sharedLedgers,
  'redis-lists': redisLists,
  client,
};

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean' }, quick: { type: 'boolean' }, against: { type: 'string' } },
});
const effort = values.quick ? QUICK : values.short ? SHORT : THOROUGH;
const older = olderBuild(values.against ?? process.env['BENCH_AGAINST']);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  throw new Error(`There is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}.`);
}

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);
if (older !== undefined) console.log(`The older build: ${older}`);
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const startedAt = performance.now();
  console.log(`\n## ${name}`);
  await measure(effort, older);
  console.log(`(${Math.round((performance.now() - startedAt) / 1000)} s)`);
}
