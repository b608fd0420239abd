import { longestKept } from '../server/keep-for.js';
import { assertKey, assertUser } from '../usable-id.js';
import { assertCount, assertDuration, assertLimits } from '../usable-number.js';
import type { Claim, Claimed, Expired, Expiry, KeyedRecord, UserSessions } from '../user-sessions.js';
import { storedLimit, type UserRow, userRecordOf } from './rows.js';
import type { RunStatement } from './statement-runner.js';
import { userStatementsFor } from './user-statements.js';

/** How long a session with a place counts before it is opened, in milliseconds. */
const CLAIM_HOLDS = 60_000;

interface ClaimRow {
  readonly what: 'admitted' | 'member' | 'leaving';
  readonly key: string | null;
}

interface ExpiryRow {
  readonly reason: Extract<Expired, { ended: unknown }>['ended'] | null;
  readonly user_id: string | null;
  readonly due_in: number;
}

/** The sessions of users in Postgres, and sessions that are past a limit: one statement per operation. */
export class PostgresUserSessions implements UserSessions {
  private readonly statements: ReturnType<typeof userStatementsFor>;

  constructor(
    table: string,
    private readonly run: RunStatement,
  ) {
    this.statements = userStatementsFor(table);
  }

  async ofUser(user: string): Promise<readonly KeyedRecord[]> {
    assertUser(user);
    const rows = (await this.run(this.statements.ofUser, [user])) as UserRow[];
    return rows.map(userRecordOf).filter((record) => record !== undefined);
  }

  async claim(user: string, key: string, { max, evict, replaces }: Claim): Promise<Claimed> {
    assertUser(user);
    for (const each of [key, ...evict, ...(replaces === undefined ? [] : [replaces])]) assertKey(each);
    assertCount('max', max);
    const values = [user, key, max, [...evict], replaces ?? null, CLAIM_HOLDS];
    const rows = (await this.run(this.statements.claim, values)) as ClaimRow[];
    const keysOf = (wanted: ClaimRow['what']) =>
      rows.filter(({ what }) => what === wanted).map(({ key }) => key as string);
    const leaving = keysOf('leaving');
    if (rows.some(({ what }) => what === 'admitted')) return { admitted: true, leaving };
    return { admitted: false, members: keysOf('member'), leaving };
  }

  async release(user: string, key: string): Promise<void> {
    assertUser(user);
    assertKey(key);
    await this.run(this.statements.release, [user, key]);
  }

  async due(limit: number, lease: number): Promise<readonly string[]> {
    assertCount('limit', limit);
    assertDuration('lease', lease);
    const rows = (await this.run(this.statements.due, [limit, longestKept(lease)])) as { key: string }[];
    return rows.map(({ key }) => key);
  }

  async expire(key: string, { keepFor, limits }: Expiry): Promise<Expired | undefined> {
    assertKey(key);
    assertLimits(limits);
    const least = [storedLimit(limits?.idleTimeout), storedLimit(limits?.absoluteTimeout)];
    const values = [key, longestKept(keepFor), ...least, longestKept(Infinity)];
    const [row] = (await this.run(this.statements.expire, values)) as ExpiryRow[];
    if (!row) return undefined;
    if (row.reason === null) return { dueIn: row.due_in };
    return row.user_id === null ? { ended: row.reason } : { ended: row.reason, user: row.user_id };
  }
}
