import { MemoryStore, type SessionData } from 'express-session';
import { type Activity, type ActivityLedger, type Ending, MemoryLedger, type Opening } from '../../../../src/index.js';
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

/** A ledger in memory that may take its time. */
export class WatchedLedger implements ActivityLedger {
  readonly shared = false;
  readonly runId: string;
  meanwhile: Meanwhile | undefined;
  /** What fails, as if the ledger were down. */
  fails: 'open' | 'read' | 'end' | undefined;
  private readonly ledger: MemoryLedger;

  constructor(clock: ManualClock) {
    this.ledger = new MemoryLedger({ clock });
    this.runId = this.ledger.runId;
  }

  open(key: string, opening: Opening) {
    this.failAt('open');
    return this.slowly(() => this.ledger.open(key, opening));
  }

  read(key: string) {
    this.failAt('read');
    return this.slowly(() => this.ledger.read(key));
  }

  advance(activities: readonly Activity[]) {
    return this.slowly(() => this.ledger.advance(activities));
  }

  end(key: string, ending: Ending) {
    this.failAt('end');
    return this.slowly(() => this.ledger.end(key, ending));
  }

  close() {
    this.ledger.close();
  }

  private failAt(operation: NonNullable<WatchedLedger['fails']>): void {
    if (this.fails === operation) throw new Error('The ledger is down');
  }

  private slowly<T>(work: () => T): T | Promise<T> {
    const { meanwhile } = this;
    if (!meanwhile) return work();
    return meanwhile()
      .then(work)
      .then(async (answer) => {
        await meanwhile();
        return answer;
      });
  }
}
