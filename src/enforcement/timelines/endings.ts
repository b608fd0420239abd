import { AsyncResource } from 'node:async_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { MaybePromise } from '../../ledger/maybe-promise.js';
import type { Reason } from '../../policy/reason.js';
import type { EndNotes } from './events/session-events.js';
import type { Subject } from './subject.js';
import { Timelines } from './timelines.js';

/** How often an end that has failed is tried again, in milliseconds. */
const RETRY_INTERVAL = 1000;

/** How many ends may wait. More are forgotten: the ledger is away for long, and holds nobody's time anyway. */
const MOST = 10_000;

/**
 * Ends sessions that somebody has left or signed out of. If ledger or store fail, the caller gets the error, and it is
 * tried again until it succeeds: otherwise a slow request could bring the session back.
 */
@Injectable()
export class Endings implements OnModuleDestroy {
  private readonly open = new Map<string, () => MaybePromise<boolean>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly timelines: Timelines) {}

  /** Ends a session and reports it. True for exactly one caller. */
  end(key: string, reason: Reason, subject: Partial<Subject> & EndNotes = {}): Promise<boolean> {
    return this.insistOn(key, () => this.timelines.end(key, reason, subject));
  }

  /** Leaves a tombstone for a session that nobody has tracked. */
  endUnreported(key: string, reason: Reason): Promise<boolean> {
    return this.insistOn(key, () => this.timelines.endUnreported(key, reason));
  }

  /** Does what ends a session. If that fails, it is tried again. */
  async insistOn(key: string, end: () => MaybePromise<boolean>): Promise<boolean> {
    try {
      return await end();
    } catch (error) {
      // What ends it later is still the request that wanted it.
      if (this.open.size < MOST) this.open.set(key, AsyncResource.bind(end));
      this.timer ??= this.arm();
      throw error;
    }
  }

  /** Tries once more what is still open. */
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

  /** One after another: as long as the first one fails, there is no need to ask for the others. */
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
