import { MemoryStore, type SessionData } from 'express-session';
import { type MaybePromise, MemoryLedger } from '../../../../src/index.js';
import { LedgerLayer, type LedgerOperation } from '../../../../src/ledger/layers/ledger-layer.js';
import type { ManualClock } from '../../../../src/testing/index.js';

/** What happens while somebody waits for a store or a ledger. */
export type Meanwhile = () => Promise<void>;

export interface Write {
  readonly sessionId: string;
  readonly row: string;
}

type Done = (error?: unknown) => void;

/** A store in memory that notes every row that is ever written, and may take its time. */
export class WatchedStore extends MemoryStore {
  declare readonly sessions: Record<string, string>;
  readonly writes: Write[] = [];
  /** What happens before and after each operation takes effect. Without it, the store works as MemoryStore does. */
  meanwhile: Meanwhile | undefined;
  /** What fails, as if the store were down. */
  fails: 'set' | 'destroy' | undefined;

  override get(sessionId: string, callback: (error: unknown, row?: SessionData | null) => void): void {
    void this.slowly<SessionData | null | undefined>(
      (done) => super.get(sessionId, (_error: unknown, row) => done(row)),
      (row) => callback(undefined, row),
    );
  }

  override set(sessionId: string, session: SessionData, callback?: Done): void {
    if (this.fails === 'set') return void setImmediate(() => callback?.(new Error('The store is down')));
    // What is stored is what the session holds now.
    const row = JSON.stringify(session);
    void this.slowly<undefined>(
      (done) => {
        this.writes.push({ sessionId, row });
        super.set(sessionId, JSON.parse(row) as SessionData, () => done(undefined));
      },
      () => callback?.(),
    );
  }

  override destroy(sessionId: string, callback?: Done): void {
    if (this.fails === 'destroy') return void setImmediate(() => callback?.(new Error('The store is down')));
    void this.slowly<undefined>(
      (done) => super.destroy(sessionId, () => done(undefined)),
      () => callback?.(),
    );
  }

  private slowly<T>(work: (done: (result: T) => void) => void, done: (result: T) => void): void {
    const { meanwhile } = this;
    if (!meanwhile) return work(done);
    void meanwhile()
      .then(() => new Promise<T>(work))
      .then(async (result) => {
        await meanwhile();
        done(result);
      });
  }
}

/** A ledger in memory, without a list of users, that may take its time. */
export class WatchedLedger extends LedgerLayer {
  override readonly users = undefined;
  meanwhile: Meanwhile | undefined;
  /** What fails, as if the ledger were down. */
  fails: 'open' | 'read' | 'end' | undefined;

  constructor(clock: ManualClock) {
    super(new MemoryLedger({ clock }));
  }

  protected override through<T>(operation: LedgerOperation, ask: () => MaybePromise<T>): MaybePromise<T> {
    if (this.fails === operation) throw new Error('The ledger is down');
    const { meanwhile } = this;
    if (!meanwhile) return ask();
    return meanwhile()
      .then(ask)
      .then(async (answer) => {
        await meanwhile();
        return answer;
      });
  }
}
