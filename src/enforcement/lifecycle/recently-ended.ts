import { Injectable } from '@nestjs/common';
import { RecentMap } from '../../express-session/recent-map.js';
import type { Reason } from '../../policy/reason.js';

/**
 * The sessions that ended in this process recently, by key. Answers that are under way look here, at once and without
 * asking the ledger, before they send a cookie. It holds more sessions than end while a slow request is under way.
 */
@Injectable()
export class RecentlyEnded extends RecentMap<string, Reason> {
  constructor() {
    super(10_000);
  }
}
