import type pg from 'pg';
import { anyPostgres, poolOn } from '../../test/instances/support/postgres-server.js';
import { inShort, type Subject, withServers } from '../apps/subjects.js';
import type { Effort } from '../support/effort.js';
import { checkpoint, withoutVacuum, writtenDuring, type Written } from '../support/postgres-traffic.js';
import { percent, table } from '../support/table.js';

/** The first requests write data that later ones do not need to write. */
const WARM_UP = 100;

/** What was measured of one application. */
interface Found extends Written {
  readonly requests: number;
  readonly statements: ReadonlyMap<string, number>;
}

/**
 * Counts what a request asks of Postgres and what it writes there, with connect-pg-simple as it comes. Each user sends
 * one request per second: what is written twice a minute shows.
 */
export async function postgresTraffic(effort: Effort): Promise<void> {
  const subjects = inShort();
  const postgres = await anyPostgres();
  // One connection, so that it knows all others.
  const pool = poolOn(postgres.url, 1);
  const found: Found[] = [];
  try {
    await withoutVacuum(pool, async () => {
      for (const subject of subjects) found.push(await measure(subject, postgres.url, pool, effort));
    });
  } finally {
    await pool.end();
    await postgres.stop();
  }
  const rows = subjects.map(({ name }, i) => {
    const { requests, statements, updates, log } = found[i]!;
    const each = (count: number) => (count / requests).toFixed(2);
    const alone = found[0]!.log / found[0]!.requests;
    return [
      name,
      each([...statements.values()].reduce((sum, count) => sum + count, 0)),
      [...statements].map(([kind, count]) => `${kind} ${each(count)}`).join(', '),
      each(updates),
      `${(log / requests).toFixed(0)} B`,
      i === 0 ? '' : percent(log / requests / alone),
    ];
  });
  const head = ['', 'statements', 'which', 'rows updated', 'write-ahead log', 'to (a)'];
  console.log(`\n\`GET /active\`, per request\n\n${table(head, rows)}`);
}

async function measure(subject: Subject, postgresUrl: string, pool: pg.Pool, { seconds }: Effort): Promise<Found> {
  let found!: Found;
  await checkpoint(pool);
  await withServers([subject], { postgresUrl }, async ([server]) => {
    await server!.cost('/active', WARM_UP);
    const before = await server!.statements();
    let requests = NaN;
    const written = await writtenDuring(pool, async () => {
      requests = await server!.pace('/active', seconds);
    });
    const after = [...(await server!.statements())];
    const statements = after.map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const);
    found = { ...written, requests, statements: new Map(statements.filter(([, count]) => count > 0)) };
  });
  return found;
}
