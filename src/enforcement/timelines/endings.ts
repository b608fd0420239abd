import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Reason } from '../../policy/reason.js';
import type { EndNotes } from './events/session-events.js';
import type { Subject } from './subject.js';
import { Timelines } from './timelines.js';

/**
 * Ends sessions that were left or signed out. If the ledger or the store fails, the caller gets the error, and the end
 * is tried again until it succeeds. Otherwise, a slow request could bring the session back.
 */
@Injectable()
export class Endings implements OnModuleDestroy {
  constructor(private readonly timelines: Timelines) {}

  /** Ends a session and reports it. Returns true to exactly one caller. */
  end(key: string, reason: Reason, subject: Partial<Subject> & EndNotes = {}): Promise<boolean> {
    return this.insistOn(key, () => this.timelines.end(key, reason, subject));
  }

  /** Leaves a tombstone for a session that was not tracked. */
  endSilently(key: string, reason: Reason): Promise<boolean> {
    return this.insistOn(key, () => this.timelines.endSilently(key, reason));
  }

  /** Does work that has to succeed, such as ending a session or deleting its row. If it fails, tries again. */
  insistOn<T>(name: string, work: () => T): Promise<Awaited<T>> {
    return this.timelines.retries.insistOn(name, work);
  }

  /** Tries once more to do what is still open. */
  onModuleDestroy(): Promise<void> {
    return this.timelines.retries.stop();
  }
}
