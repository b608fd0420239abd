import type { SessionData } from 'express-session';
import { isAbsence, isRowAtFault, isSound, mended, nameOf, UNSOUND } from './row.js';
import type { RowCallback } from './session-store.js';
import type { Fetched, TakenStore } from './taken-store.js';

/** The read that a store is beginning right now. */
let begun: Fetch | undefined;

/** Whether a store is beginning to read this session, and has not answered yet. Only its own code runs then. */
export function isBeingRead(sessionId: unknown): boolean {
  return begun !== undefined && begun.sessionId === sessionId && !begun.isAnswered;
}

/** Lets a store begin a read. */
export function begin(fetch: Fetch, read: () => unknown): unknown {
  const before = begun;
  begun = fetch;
  try {
    return read();
  } finally {
    begun = before;
  }
}

/** A row on its way from a store to its reader. */
export class Fetch implements Fetched {
  row: SessionData | null | undefined;
  fault: string | undefined;
  /** Whether the store has called back. */
  isAnswered = false;

  /** @param ahead what the application began to read at the same time */
  constructor(
    private readonly taken: TakenStore,
    readonly sessionId: string,
    private readonly callback: RowCallback,
    readonly ahead: unknown,
  ) {}

  /** The callback for the store, which may call it twice. */
  readonly answer: RowCallback = (...results) => {
    if (this.isAnswered) return;
    this.isAnswered = true;
    const [error, row, ...others] = results;
    if (error && !isAbsence(error)) void this.fail(error);
    else if (row && !isSound(row)) this.deliverNothing(UNSOUND);
    else if (row) this.deliver([error, mended(this.taken.forRequest(row)), ...others]);
    else this.deliver(results);
  };

  private deliver(results: Parameters<RowCallback>): void {
    [, this.row] = results;
    this.taken.arriving = this;
    try {
      this.callback(...results);
    } finally {
      this.taken.arriving = undefined;
    }
  }

  /** Calls back without the row, because it cannot be used. */
  private deliverNothing(fault: string): void {
    this.fault = fault;
    this.deliver([]);
  }

  private async fail(error: unknown): Promise<void> {
    if (await isRowAtFault(this.taken, this.sessionId, error)) return this.deliverNothing(nameOf(error));
    this.taken.noteFailure(error);
    this.callback(error);
  }
}
