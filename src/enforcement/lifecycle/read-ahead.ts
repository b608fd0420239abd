import { Inject, Injectable } from '@nestjs/common';
import { RecentMap } from '../../base/recent-map.js';
import { sessionKey } from '../../express-session/session-key.js';
import type { ActivityLedger } from '../../ledger/activity-ledger.js';
import { isPromise } from '../../base/maybe-promise.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { LEDGER } from '../../ledger/ledger.token.js';
import type { DatedRecord } from '../timelines/dated-record.js';

/**
 * Asks a shared ledger for the timeline of a session in the same turn in which express-session asks its store for the
 * session, so that both take one round trip. It does so for sessions that this process has seen as tracked.
 */
@Injectable()
export class ReadAhead {
  private readonly tracked = new RecentMap<string, true>(10_000);

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
  ) {}

  /** Notes that a session is tracked. */
  learn(sessionId: string): void {
    if (this.ledger.shared && !this.tracked.get(sessionId)) this.tracked.set(sessionId, true);
  }

  /** Whether this process knows that a session is tracked. */
  knows(sessionId: string): boolean {
    return this.tracked.get(sessionId) === true;
  }

  /** Begins to read the record of a session that is known to be tracked. Rejects if the ledger fails. */
  begin(sessionId: string): Promise<DatedRecord> | undefined {
    if (!this.tracked.get(sessionId)) return undefined;
    const answer = this.read(sessionId);
    // The request may never use the answer.
    answer.catch(() => undefined);
    return answer;
  }

  private async read(sessionId: string): Promise<DatedRecord> {
    const answer = this.ledger.read(sessionKey(sessionId));
    const record = isPromise(answer) ? await answer : answer;
    return { record, at: this.settings.clock.now() };
  }
}
