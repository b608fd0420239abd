import type { MaybePromise } from './maybe-promise.js';
import { noop } from './noop.js';

/**
 * Lets work with the same name run one after another in this process. This is only for speed: work that has waited long
 * enough runs anyway.
 */
export class Turns {
  private readonly last = new Map<string, Promise<void>>();

  /** @param patience how long the work waits for its turn, in milliseconds */
  constructor(private readonly patience: number) {}

  async inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(name);
    const done = before ? atLast(before, this.patience).then(work) : work();
    const settled = done.then(noop, noop);
    this.last.set(name, settled);
    try {
      return await done;
    } finally {
      if (this.last.get(name) === settled) this.last.delete(name);
    }
  }

  /** Does work after the turns of this name that are under way. Others do not wait for this work. */
  after<T>(name: string, work: () => T): MaybePromise<T> {
    const before = this.last.get(name);
    return before ? atLast(before, this.patience).then(work) : work();
  }
}

/** Waits until something is done, but not longer than this. */
function atLast(done: Promise<void>, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patience).unref();
    void done.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
