import { Injectable } from '@nestjs/common';
import { RecentMap } from '../../express-session/recent-map.js';
import type { Reason } from '../../policy/reason.js';

/**
 * The sessions that ended in this process recently, by key. Answers that are still under way look here, at
 * once and without asking the ledger, before they send a cookie. It holds more than any instance has slow
 * requests under way.
 */
@Injectable()
export class RecentlyEnded extends RecentMap<string, Reason> {
  constructor() {
    super(1000);
  }
}
