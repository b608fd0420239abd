import type { Clock } from '../base/clock.js';

/** A clock that stands still until a test moves it. Pass it as the option `clock`. */
export class ManualClock implements Clock {
  private time: number;

  /** @param start the first reading, in milliseconds since 1970; default 2026-01-05, 9:00 UTC */
  constructor(start: number | Date = Date.UTC(2026, 0, 5, 9, 0)) {
    this.time = Number(start);
  }

  now(): number {
    return this.time;
  }

  /** Moves the clock forward, or back with a negative number of milliseconds. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
  }

  /** Sets the clock to any time. */
  set(time: number | Date): void {
    this.time = Number(time);
  }
}
