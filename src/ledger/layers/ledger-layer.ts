import type { Activity, ActivityLedger, Ending, LedgerRecord, Opening, Reading } from '../activity-ledger.js';
import type { Clock } from '../../base/clock.js';
import type { MaybePromise } from '../../base/maybe-promise.js';
import type { UserSessions } from '../user-sessions.js';

/** The operations of a ledger. */
export type LedgerOperation = 'open' | 'read' | 'advance' | 'end' | keyof UserSessions;

/**
 * A layer around another ledger. Override {@link through} to do the same for every operation, or a single operation
 * to change what it does.
 */
export abstract class LedgerLayer implements ActivityLedger {
  readonly shared: boolean;
  readonly runId: string | undefined;
  readonly clock: Clock | undefined;
  readonly users: UserSessions | undefined;

  constructor(protected readonly inner: ActivityLedger) {
    this.shared = inner.shared;
    this.runId = inner.runId;
    this.clock = inner.clock;
    this.users = inner.users && this.usersThrough(inner.users);
  }

  open(key: string, opening: Opening): MaybePromise<LedgerRecord> {
    return this.through('open', () => this.inner.open(key, opening));
  }

  read(key: string, reading?: Reading): MaybePromise<LedgerRecord | undefined> {
    return this.through('read', () => this.inner.read(key, reading));
  }

  advance(activities: readonly Activity[]): MaybePromise<void> {
    return this.through('advance', () => this.inner.advance(activities));
  }

  end(key: string, ending: Ending): MaybePromise<boolean> {
    return this.through('end', () => this.inner.end(key, ending));
  }

  close(): MaybePromise<void> {
    return this.inner.close?.();
  }

  /** What the layer does around each operation of the inner ledger. */
  protected through<T>(_operation: LedgerOperation, ask: () => MaybePromise<T>): MaybePromise<T> {
    return ask();
  }

  /** Returns the operations of `users` with the layer around each of them. */
  protected usersThrough(inner: UserSessions): UserSessions {
    return {
      ofUser: (user) => this.through('ofUser', () => inner.ofUser(user)),
      claim: (user, key, claim) => this.through('claim', () => inner.claim(user, key, claim)),
      release: (user, key) => this.through('release', () => inner.release(user, key)),
      due: (limit, lease) => this.through('due', () => inner.due(limit, lease)),
      expire: (key, expiry) => this.through('expire', () => inner.expire(key, expiry)),
    };
  }
}
