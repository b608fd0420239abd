import { AsyncResource } from 'node:async_hooks';

/** How often failed work is tried again, in milliseconds. */
const INTERVAL = 1000;

/** How much work may wait. More work is forgotten: then what it needs has been down for long. */
const MOST = 10_000;

/** Work that has to succeed. If it fails, its caller gets the error, and it is tried again until it succeeds. */
export class Retries {
  private readonly open = new Map<string, () => unknown>();
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private readonly underWay = new Set<Promise<unknown>>();

  /**
   * Does work, and tries again if it fails.
   *
   * @param name what the work is for: later work with this name replaces it
   */
  async insistOn<T>(name: string, work: () => T): Promise<Awaited<T>> {
    const attempt = this.attempt(name, work);
    this.underWay.add(attempt);
    try {
      return await attempt;
    } finally {
      this.underWay.delete(attempt);
    }
  }

  /**
   * Does work in a moment, and tries again if it fails. Nobody gets an error.
   *
   * @param name what the work is for: later work with this name replaces it
   */
  later(name: string, work: () => unknown): void {
    // A later attempt still belongs to the request that wanted the work.
    if (this.open.size < MOST || this.open.has(name)) this.open.set(name, AsyncResource.bind(work));
    this.arm();
  }

  private async attempt<T>(name: string, work: () => T): Promise<Awaited<T>> {
    try {
      return await work();
    } catch (error) {
      this.later(name, work);
      throw error;
    }
  }

  /** Forgets failed work. */
  forget(name: string): void {
    this.open.delete(name);
  }

  /** Tries once more to do what is still open. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    // What is under way may still fail.
    await Promise.allSettled(this.underWay);
    await this.retry();
  }

  private arm(): void {
    if (this.isStopped || this.timer) return;
    this.timer = setTimeout(async () => {
      await this.retry();
      this.timer = undefined;
      if (this.open.size > 0) this.arm();
    }, INTERVAL).unref();
  }

  /**
   * Tries one after another, and stops at the first one that fails: the others would probably fail, too. Next time, the
   * others come first, so that one that always fails does not keep them waiting.
   */
  private async retry(): Promise<void> {
    for (const [name, work] of this.open) {
      const isCurrent = () => this.open.get(name) === work;
      try {
        await work();
        if (isCurrent()) this.open.delete(name);
      } catch {
        if (!isCurrent()) return;
        this.open.delete(name);
        this.open.set(name, work);
        return;
      }
    }
  }
}
