import { AsyncResource } from 'node:async_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { MaybePromise } from '../../ledger/maybe-promise.js';
import type { Reason } from '../../policy/reason.js';
import type { EndNotes } from './events/session-events.js';
import type { Subject } from './subject.js';
import { Timelines } from './timelines.js';

/** How often a failed end is tried again, in milliseconds. */
const RETRY_INTERVAL = 1000;

/** How many ends may wait. More ends are forgotten: then the ledger has been down for long. */
const MOST = 10_000;

/**
 * Ends sessions that were left or signed out. If the ledger or the store fails, the caller gets the error, and the end
 * is tried again until it succeeds. Otherwise, a slow request could bring the session back.
 */
@Injectable()
export class Endings implements OnModuleDestroy {
  private readonly open = new Map<string, () => MaybePromise<boolean>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly timelines: Timelines) {}

  /** Ends a session and reports it. Returns true to exactly one caller. */
  end(key: string, reason: Reason, subject: Partial<Subject> & EndNotes = {}): Promise<boolean> {
    return this.insistOn(key, () => this.timelines.end(key, reason, subject));
  }

  /** Leaves a tombstone for a session that was not tracked. */
  endUnreported(key: string, reason: Reason): Promise<boolean> {
    return this.insistOn(key, () => this.timelines.endUnreported(key, reason));
  }

  /** Runs a function that ends a session. If it fails, tries again. */
  async insistOn(key: string, end: () => MaybePromise<boolean>): Promise<boolean> {
    try {
      return await end();
    } catch (error) {
      // A later attempt still belongs to the request that wanted the end.
      if (this.open.size < MOST) this.open.set(key, AsyncResource.bind(end));
      this.timer ??= this.arm();
      throw error;
    }
  }

  /** Tries once more to end what is still open. */
  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.timer);
    await this.retry();
  }

  private arm(): NodeJS.Timeout {
    return setTimeout(async () => {
      await this.retry();
      this.timer = this.open.size > 0 ? this.arm() : undefined;
    }, RETRY_INTERVAL).unref();
  }

  /** Tries one after another. While the first one fails, there is no need to try the others. */
  private async retry(): Promise<void> {
    for (const [key, end] of this.open) {
      try {
        await end();
        this.open.delete(key);
      } catch {
        return;
      }
    }
  }
}
