// npm run bench [-- [--short] [part …]]: measures, and prints the tables of bench/README.md.
import { cpus } from 'node:os';
import { client } from './parts/client.js';
import { decision } from './parts/decision.js';
import { memoryLedger } from './parts/memory-ledger.js';
import { profile } from './parts/profile.js';
import { requests } from './parts/requests.js';
import { sharedLedgers } from './parts/shared-ledgers.js';
import { storeTraffic } from './parts/store-traffic.js';
import { throughput } from './parts/throughput.js';
import { type Effort, SHORT, THOROUGH } from './support/effort.js';

const parts: Record<string, (effort: Effort) => Promise<void>> = {
  requests,
  'store-traffic': storeTraffic,
  throughput,
  decision,
  profile,
  'memory-ledger': memoryLedger,
  'shared-ledgers': sharedLedgers,
  client,
};

const args = process.argv.slice(2);
const effort = args.includes('--short') ? SHORT : THOROUGH;
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  throw new Error(`There is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}.`);
}

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const startedAt = performance.now();
  console.log(`\n## ${name}`);
  await measure(effort);
  console.log(`(${Math.round((performance.now() - startedAt) / 1000)} s)`);
}
