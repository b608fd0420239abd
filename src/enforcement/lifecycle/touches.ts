import { Inject, Injectable } from '@nestjs/common';
import { RecentMap } from '../../base/recent-map.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { mayGoUntouched } from '../../policy/limits.js';
import type { LiveSession } from './request-session.js';

/**
 * Decides which touches of express-session's store are needed. express-session touches the row of a session on each
 * request, so that the row does not expire. If rows live long enough, one touch per `touchInterval` is enough.
 */
@Injectable()
export class Touches {
  private readonly touchedAt = new RecentMap<string, number>(10_000);
  private longestIdle = 0;

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /** Whether the row of a session needs no touch now, if it lives for `lifetime` milliseconds after each touch. */
  spares({ key, limits }: LiveSession, lifetime: number): boolean {
    const { touchInterval, clock } = this.settings;
    // Limits may differ by request, and the row has to last for the longest of them.
    this.longestIdle = Math.max(this.longestIdle, limits.idleTimeout || Infinity);
    const { absoluteTimeout } = limits;
    if (!mayGoUntouched(lifetime, touchInterval, { idleTimeout: this.longestIdle, absoluteTimeout })) return false;
    const since = clock.now() - (this.touchedAt.get(key) ?? -Infinity);
    return since >= 0 && since < touchInterval;
  }

  /** Notes that the row of a session has been touched. */
  note(key: string): void {
    this.touchedAt.set(key, this.settings.clock.now());
  }

  /** Notes that the row of a session needs a touch, no matter when the last one was. */
  forget(key: string): void {
    this.touchedAt.delete(key);
  }
}
