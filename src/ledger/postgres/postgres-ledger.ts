import { reasons } from '../../policy/reason.js';
import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening } from '../activity-ledger.js';
import { monotonicClock } from '../../base/clock.js';
import { longestKept } from '../server/keep-for.js';
import { ServerClock } from '../server/server-clock.js';
import { LONGEST_TIMER } from '../../base/timers.js';
import { assertOpening, openingAuthAge } from '../usable-arguments.js';
import { assertKey } from '../usable-id.js';
import type { UserSessions } from '../user-sessions.js';
import { type PostgresClient, usableClient } from './postgres-client.js';
import { PostgresUserSessions } from './postgres-user-sessions.js';
import { dueIn, recordOf, type Row, storedLimit } from './rows.js';
import { creationOf, definitionOf } from './schema.js';
import { type RunStatement, statementRunner } from './statement-runner.js';
import { statementsFor } from './statements.js';
import { tableName } from './table-name.js';
import { MINUTE } from '../../policy/time.js';

/** The options of {@link PostgresLedger}. */
export interface PostgresLedgerOptions {
  /**
   * The name of the table, with or without a schema: at most 50 letters, digits and underscores. Default
   * `'session_timeline'`.
   */
  readonly table?: string | undefined;
  /** How often rows that are no longer needed are deleted, in milliseconds; default 15 minutes, at most 24 days. */
  readonly pruneInterval?: number | undefined;
}

/**
 * Keeps the timelines (when each session started and was last active) in Postgres 12 or later, for any number of
 * instances. There is one row per session and one statement per operation. All statements work under every isolation
 * level. All times come from the server's clock.
 *
 * @example
 * const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
 * pool.on('error', (error) => console.error(error));
 * const ledger = new PostgresLedger(pool);
 * await ledger.ensureSchema();
 * SessionTimeoutModule.forRoot({ ledger });
 */
export class PostgresLedger implements ActivityLedger {
  readonly shared = true;
  /**
   * A monotonic clock. Durations run on the server's clock, which does not depend on the wall clock of this machine.
   */
  readonly clock = monotonicClock;

  /** The sessions of each user, and those whose time is over. */
  readonly users: UserSessions;

  /**
   * The SQL that {@link ensureSchema} runs, a table and two indexes. Run it once instead of calling `ensureSchema()` if
   * the application has its own migrations or may not create tables.
   */
  readonly schema: string;

  private readonly creation: string;
  private readonly run: RunStatement;
  private readonly statements: ReturnType<typeof statementsFor>;
  private readonly serverClock = new ServerClock();
  private readonly pruneInterval: number;
  private pruner: NodeJS.Timeout | undefined;

  /**
   * @param client a Pool of `pg`, or a PGlite. The application closes it
   * @throws TypeError if it is something else, such as a single Client, or if an option is invalid
   */
  constructor(
    client: PostgresClient,
    { table = 'session_timeline', pruneInterval = 15 * MINUTE }: PostgresLedgerOptions = {},
  ) {
    const name = tableName(table);
    this.run = statementRunner(usableClient(client), name.quoted);
    this.schema = definitionOf(name).trim();
    this.creation = creationOf(name);
    this.statements = statementsFor(name.quoted);
    this.users = new PostgresUserSessions(name.quoted, (text, values) => this.query(text, values));
    this.pruneInterval = validInterval(pruneInterval);
  }

  /** Creates the table and its indexes if they do not exist. Any number of instances may call it at once. */
  async ensureSchema(): Promise<void> {
    await this.run(this.creation);
  }

  async open(key: string, opening: Opening): Promise<LedgerRecord> {
    assertOpening(key, opening);
    const { user, device, limits, keepFor } = opening;
    const sessionAge = Math.max(0, opening.sessionAge ?? 0);
    const authAge = openingAuthAge(opening);
    const record = await this.ask(this.statements.open, [
      key,
      user ?? null,
      sessionAge,
      longestKept(keepFor),
      this.latest(),
      authAge === sessionAge ? null : authAge,
      device ? JSON.stringify(device) : null,
      storedLimit(limits?.idleTimeout),
      storedLimit(limits?.absoluteTimeout),
      dueIn(limits, sessionAge),
    ]);
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
      ...limitsOf(known),
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
    await this.run(this.statements.catchUp, [longestKept(Infinity)]);
  }

  /** Stops pruning until the ledger is used again. Another application in the process may share the ledger. */
  close(): void {
    clearInterval(this.pruner);
    this.pruner = undefined;
  }

  private query(statement: string, values?: unknown[]): Promise<unknown[]> {
    this.pruner ??= setInterval(() => void this.prune().catch(leaveItToTheNext), this.pruneInterval).unref();
    return this.run(statement, values);
  }

  private async ask(statement: string, values: unknown[]): Promise<LedgerRecord | undefined> {
    const askedAt = performance.now();
    const [row] = (await this.query(statement, values)) as Row[];
    if (!row) return undefined;
    this.serverClock.learn(askedAt, row.now);
    return recordOf(row);
  }

  private latest(): number | null {
    const latest = this.serverClock.latest();
    return Number.isFinite(latest) ? latest : null;
  }
}

/** Returns the limits of activities, if there are any: a list of idle limits and a list of absolute limits. */
function limitsOf(activities: readonly Activity[]): [(number | null)[] | null, (number | null)[] | null] {
  if (!activities.some(({ limits }) => limits)) return [null, null];
  return [
    activities.map(({ limits }) => storedLimit(limits?.idleTimeout)),
    activities.map(({ limits }) => storedLimit(limits?.absoluteTimeout)),
  ];
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
