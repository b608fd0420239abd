/** Timers of Node fire up to a millisecond late. The last part of a delay is waited for in turns of the event loop. */
const IN_TURNS = 1.5;

/** Runs functions in their order, each after the same delay, on time to a few microseconds. */
export class DelayLine {
  /** In milliseconds. */
  delay = 0;
  private readonly queue: { readonly due: number; readonly run: () => void }[] = [];

  push(run: () => void): void {
    if (this.delay === 0 && this.queue.length === 0) {
      run();
      return;
    }
    this.queue.push({ due: performance.now() + this.delay, run });
    if (this.queue.length === 1) this.wait();
  }

  private wait(): void {
    const left = (this.queue[0]?.due ?? 0) - performance.now();
    if (left > IN_TURNS) setTimeout(() => this.turn(), Math.floor(left - IN_TURNS) || 1);
    else setImmediate(() => this.turn());
  }

  private turn(): void {
    // Functions may push while they run: `queue` keeps its first entry until then, so that nobody waits twice.
    while (this.queue[0] && this.queue[0].due <= performance.now()) {
      this.queue[0].run();
      this.queue.shift();
    }
    if (this.queue.length > 0) this.wait();
  }
}
