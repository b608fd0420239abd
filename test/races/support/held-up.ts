import { MemoryStore, type SessionData } from 'express-session';
import { type MaybePromise, MemoryLedger } from '../../../src/index.js';
import { LedgerLayer, type LedgerOperation } from '../../../src/ledger/layers/ledger-layer.js';
import type { ManualClock } from '../../../src/testing/index.js';
import type { Scheduler } from './scheduler.js';

type Done = (error?: unknown) => void;

/** A store in memory whose calls are held up: before they take effect, and reads also before they are answered. */
export class HeldUpStore extends MemoryStore {
  declare sessions: Record<string, string>;
  /** All rows that were ever written. */
  readonly writes: { readonly sessionId: string; readonly row: string }[] = [];

  constructor(private readonly scheduler: Scheduler) {
    super();
  }

  override get(sessionId: string, callback: (error: unknown, row?: SessionData | null) => void): void {
    void this.inTurn('reads the row', async () => {
      const row = await new Promise<SessionData | null | undefined>((resolve) =>
        super.get(sessionId, (_error: unknown, found) => resolve(found)),
      );
      await this.scheduler.turn('gets the row');
      callback(null, row);
    });
  }

  override set(sessionId: string, session: SessionData, callback?: Done): void {
    // What is stored is what the session holds now.
    const row = JSON.stringify(session);
    void this.inTurn('writes the row', () => {
      this.writes.push({ sessionId, row });
      super.set(sessionId, JSON.parse(row) as SessionData, callback);
    });
  }

  override destroy(sessionId: string, callback?: Done): void {
    void this.inTurn('deletes the row', () => super.destroy(sessionId, callback));
  }

  override touch(sessionId: string, session: SessionData, callback?: () => void): void {
    void this.inTurn('touches the row', () => super.touch(sessionId, session, callback));
  }

  private async inTurn(what: string, work: () => unknown): Promise<void> {
    await this.scheduler.turn(what);
    await work();
  }
}

const names: Partial<Record<LedgerOperation, string>> = {
  open: 'opens the timeline',
  read: 'reads the timeline',
  advance: 'records activity',
  end: 'ends the timeline',
};

/** A ledger in memory, without a list of users, held up in the same way. */
export class HeldUpLedger extends LedgerLayer {
  override readonly users = undefined;
  override readonly runId: string | undefined;
  readonly ledger: MemoryLedger;

  /** @param shared whether it works as one that several instances share, which is asked in advance */
  constructor(
    private readonly scheduler: Scheduler,
    clock: ManualClock,
    override readonly shared: boolean,
  ) {
    const ledger = new MemoryLedger({ clock });
    super(ledger);
    this.ledger = ledger;
    this.runId = shared ? undefined : ledger.runId;
  }

  protected override async through<T>(operation: LedgerOperation, ask: () => MaybePromise<T>): Promise<T> {
    await this.scheduler.turn(names[operation] ?? operation);
    const answer = await ask();
    if (operation === 'read') await this.scheduler.turn('gets the timeline');
    return answer;
  }
}
