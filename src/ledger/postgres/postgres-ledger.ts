import { reasons } from '../../policy/reason.js';
import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening } from '../activity-ledger.js';
import { monotonicClock } from '../clock.js';
import { longestKept } from '../server/keep-for.js';
import { ServerClock } from '../server/server-clock.js';
import { describeStored } from '../server/stored-record.js';
import { LONGEST_TIMER } from '../timers.js';
import { assertKey, assertUser } from '../usable-id.js';
import { type PostgresClient, usableClient } from './postgres-client.js';
import { type RunStatement, statementRunner } from './statement-runner.js';
import { statementsFor, tableDefinition } from './statements.js';
import { quotedTable } from './table-name.js';

const MINUTE = 60 * 1000;

/** The options of {@link PostgresLedger}. */
export interface PostgresLedgerOptions {
  /** The name of the table, with or without a schema: letters, digits and underscores. Default `'session_timeline'`. */
  readonly table?: string | undefined;
  /** How often rows that are no longer needed are deleted, in milliseconds; default 15 minutes, at most 24 days. */
  readonly pruneInterval?: number | undefined;
}

interface Row {
  readonly now: number;
  readonly started_at: number;
  readonly active_at: number;
  readonly ended_at: number | null;
  readonly reason: string | null;
  readonly user_id: string | null;
}

/**
 * Keeps the timelines in Postgres 12 or later, for any number of instances. There is one row per session and one
 * statement per operation, which works under every isolation level. All times come from the server's clock.
 *
 * @example
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
 * const ledger = new PostgresLedger(pool);
 * await ledger.ensureSchema();
 * SessionTimeoutModule.forRoot({ ledger });
 */
export class PostgresLedger implements ActivityLedger {
  readonly shared = true;
  /** Durations run on the server's clock, which does not depend on the clocks of this machine. */
  readonly clock = monotonicClock;

  /**
   * The SQL that {@link ensureSchema} runs, for applications with their own migrations. If the application may not
   * create tables, run it once instead of calling `ensureSchema()`.
   */
  readonly schema: string;

  private readonly run: RunStatement;
  private readonly statements: ReturnType<typeof statementsFor>;
  private readonly serverClock = new ServerClock();
  private readonly pruneInterval: number;
  private pruner: NodeJS.Timeout | undefined;

  /**
   * @param client a Pool of `pg`, or a PGlite; the application closes it
   * @throws TypeError if it is something else, like a single Client, or an option is invalid
   */
  constructor(
    client: PostgresClient,
    { table = 'session_timeline', pruneInterval = 15 * MINUTE }: PostgresLedgerOptions = {},
  ) {
    const name = quotedTable(table);
    this.run = statementRunner(usableClient(client), name);
    this.schema = tableDefinition(name).trim();
    this.statements = statementsFor(name);
    this.pruneInterval = validInterval(pruneInterval);
  }

  /** Creates the table if it does not exist. Any number of instances may call it at once. */
  async ensureSchema(): Promise<void> {
    // IF NOT EXISTS alone fails if two instances create the table at the same moment.
    await this.run(`
DO $ensure$ BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('nestjs-session-timeout'));
  ${this.schema};
END $ensure$`);
  }

  async open(key: string, { user, sessionAge = 0, keepFor }: Opening): Promise<LedgerRecord> {
    assertKey(key);
    assertUser(user);
    const values = [key, user ?? null, Math.max(0, sessionAge), longestKept(keepFor), this.latest()];
    const record = await this.ask(this.statements.open, values);
    if (!record) throw new Error('PostgresLedger got an unexpected answer from Postgres.');
    return record;
  }

  read(key: string): Promise<LedgerRecord | undefined> {
    assertKey(key);
    return this.ask(this.statements.read, [key]);
  }

  async advance(activities: readonly Activity[]): Promise<void> {
    for (const { key } of activities) assertKey(key);
    const known = activities.filter(({ idleFor }) => Number.isFinite(idleFor));
    if (known.length === 0) return;
    await this.query(this.statements.advance, [
      known.map(({ key }) => key),
      known.map(({ idleFor }) => Math.max(0, idleFor)),
      known.map(({ keepFor }) => longestKept(keepFor)),
      this.latest(),
    ]);
  }

  async end(key: string, { reason, keepFor }: Ending): Promise<boolean> {
    assertKey(key);
    const rows = await this.query(this.statements.end, [key, reason, longestKept(keepFor), [...reasons]]);
    return rows.length > 0;
  }

  /** Deletes rows that are no longer needed. Runs by itself every `pruneInterval`. */
  async prune(): Promise<void> {
    await this.run(this.statements.forget);
    await this.run(this.statements.catchUp);
  }

  /** Stops pruning, until the ledger is used again: another application of the process may share it. */
  close(): void {
    clearInterval(this.pruner);
    this.pruner = undefined;
  }

  private query(statement: string, values: unknown[]): Promise<unknown[]> {
    this.pruner ??= setInterval(() => void this.prune().catch(leaveItToTheNext), this.pruneInterval).unref();
    return this.run(statement, values);
  }

  private async ask(statement: string, values: unknown[]): Promise<LedgerRecord | undefined> {
    const askedAt = performance.now();
    const [row] = (await this.query(statement, values)) as Row[];
    if (!row) return undefined;
    this.serverClock.learn(askedAt, row.now);
    return describeStored(
      {
        startedAt: row.started_at,
        activeAt: row.active_at,
        endedAt: row.ended_at ?? undefined,
        reason: row.reason ?? undefined,
        user: row.user_id ?? undefined,
      },
      { now: row.now, uncertainty: 0 },
    );
  }

  private latest(): number | null {
    const latest = this.serverClock.latest();
    return Number.isFinite(latest) ? latest : null;
  }
}

/** @throws TypeError if a timer cannot run at that interval */
function validInterval(milliseconds: number): number {
  if (Number.isFinite(milliseconds) && milliseconds >= 1 && milliseconds <= LONGEST_TIMER) return milliseconds;
  throw new TypeError(
    `pruneInterval of PostgresLedger must be a number of milliseconds between 1 and ${LONGEST_TIMER} (24 days), ` +
      `but is ${typeof milliseconds === 'number' ? milliseconds : JSON.stringify(milliseconds)}.`,
  );
}

/** Ignores the error: requests report a server that is down, and the next run deletes the rows. */
function leaveItToTheNext(): void {}
