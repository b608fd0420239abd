import type { SessionData } from 'express-session';
import { isRowAtFault, isSound, mended, nameOf, UNSOUND } from './row.js';
import type { RowCallback } from './session-store.js';
import type { Fetched, TakenStore } from './taken-store.js';

/** A row on its way from a store to whoever asked for it. */
export class Fetch implements Fetched {
  row: SessionData | null | undefined;
  fault: string | undefined;
  /** Whether the store has called back. */
  isAnswered = false;

  /** @param ahead what the application began to fetch at the same time */
  constructor(
    private readonly taken: TakenStore,
    readonly sessionId: string,
    private readonly callback: RowCallback,
    readonly ahead: unknown,
  ) {}

  /** What the store calls back, perhaps twice. */
  readonly answer: RowCallback = (...results) => {
    if (this.isAnswered) return;
    this.isAnswered = true;
    const [error, row] = results;
    // express-session takes this code for "there is no such session".
    if (error && (error as { code?: unknown }).code !== 'ENOENT') void this.fail(error);
    else if (row && !isSound(row)) this.deliverNothing(UNSOUND);
    else this.deliver(row && mended(row), results);
  };

  private deliver(row: Fetch['row'], results: Parameters<RowCallback>): void {
    this.row = row;
    this.taken.arriving = this;
    try {
      this.callback(...results);
    } finally {
      this.taken.arriving = undefined;
    }
  }

  /** The row cannot be used: whoever asked goes on without it. */
  private deliverNothing(fault: string): void {
    this.fault = fault;
    this.deliver(undefined, []);
  }

  private async fail(error: unknown): Promise<void> {
    if (await isRowAtFault(this.taken, this.sessionId, error)) return this.deliverNothing(nameOf(error));
    this.taken.noteFailure(error);
    this.callback(error);
  }
}
