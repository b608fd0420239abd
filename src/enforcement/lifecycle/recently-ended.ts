import { Injectable } from '@nestjs/common';
import type { Reason } from '../../policy/reason.js';

/** More than any instance has slow requests under way. */
const REMEMBERED = 1000;

/**
 * The sessions that ended in this process lately. Answers that are still under way look here, at
 * once and without asking the ledger, before they send a cookie.
 */
@Injectable()
export class LatelyEnded {
  private readonly reasons = new Map<string, Reason>();

  add(key: string, reason: Reason): void {
    this.reasons.set(key, reason);
    if (this.reasons.size > REMEMBERED) this.reasons.delete(this.reasons.keys().next().value as string);
  }

  reasonOf(key: string): Reason | undefined {
    return this.reasons.get(key);
  }
}
