import type { Clock } from '../ledger/clock.js';

/** A clock that stands still until a test moves it. Give it to the option `clock`. */
export class ManualClock implements Clock {
  private time: number;

  /** @param start the first reading, in milliseconds since 1970 */
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

  /** Sets the clock, as somebody who corrects it would. */
  set(time: number | Date): void {
    this.time = Number(time);
  }
}
