import { longestKept } from '../server/keep-for.js';
import { assertClaim, assertDue, assertExpiry } from '../usable-arguments.js';
import { assertKey, assertUser } from '../usable-id.js';
import {
  type Claim,
  CLAIM_HOLDS_FOR,
  type Claimed,
  type Expired,
  type Expiry,
  type KeyedRecord,
  type UserSessions,
} from '../user-sessions.js';
import { storedLimit, type UserRow, userRecordOf } from './rows.js';
import type { RunStatement } from './statement-runner.js';
import { userStatementsFor } from './user-statements.js';

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

  async claim(user: string, key: string, claim: Claim): Promise<Claimed> {
    assertClaim(user, key, claim);
    const { max, evict, replaces } = claim;
    const values = [user, key, max, [...evict], replaces ?? null, CLAIM_HOLDS_FOR];
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
    assertDue(limit, lease);
    const rows = (await this.run(this.statements.due, [limit, longestKept(lease)])) as { key: string }[];
    return rows.map(({ key }) => key);
  }

  async expire(key: string, expiry: Expiry): Promise<Expired | undefined> {
    assertExpiry(key, expiry);
    const { keepFor, limits } = expiry;
    const least = [storedLimit(limits?.idleTimeout), storedLimit(limits?.absoluteTimeout)];
    const values = [key, longestKept(keepFor), ...least, longestKept(Infinity)];
    const [row] = (await this.run(this.statements.expire, values)) as ExpiryRow[];
    if (!row) return undefined;
    if (row.reason === null) return { dueIn: row.due_in };
    return row.user_id === null ? { ended: row.reason } : { ended: row.reason, user: row.user_id };
  }
}
