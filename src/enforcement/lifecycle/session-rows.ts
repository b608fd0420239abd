import { Inject, Injectable } from '@nestjs/common';
import type { HttpSession } from '../../express-session/http-session.js';
import { RecentMap } from '../../base/recent-map.js';
import { sessionKey } from '../../express-session/session-key.js';
import { takenStore } from '../../express-session/store/taken-store.js';
import type { Rows } from '../../express-session/store/store-hooks.js';
import type { ActivityLedger } from '../../ledger/activity-ledger.js';
import { LEDGER } from '../../ledger/ledger.token.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { Endings } from '../timelines/endings.js';
import { log } from '../timelines/events/log.js';
import { Timelines } from '../timelines/timelines.js';

/** More sessions than one instance has at a time. If there are more, the oldest are forgotten. */
const MOST = 100_000;

/**
 * Deletes the rows of ended sessions. A ledger in memory loses its tombstones at a restart, and a session whose row is
 * still there would go on. So with such a ledger, this class remembers the ids of sessions, because many sessions end
 * without a request: by `endAll()`, on the list of their user, or at a limit.
 */
@Injectable()
export class SessionRows {
  private readonly known = new RecentMap<string, { readonly sessionId: string; readonly rows: Rows }>(MOST);

  constructor(
    @Inject(SETTINGS) settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly endings: Endings,
    timelines: Timelines,
  ) {
    timelines.ends.listen((key, reason, hasRequest) => {
      // In report mode, only revoked sessions end.
      if (!hasRequest && (settings.mode === 'enforce' || reason === 'revoked')) this.deleteKnown(key);
      this.known.delete(key);
    });
  }

  /** Remembers the row of a tracked session. */
  note(key: string, http: HttpSession): void {
    if (this.ledger.shared || this.known.get(key)) return;
    const rows = takenStore(http.store);
    if (rows) this.known.set(key, { sessionId: http.id, rows });
  }

  /** Deletes a row of the store of a request. If the store fails, tries again. */
  delete(http: HttpSession, sessionId: string): Promise<void> {
    return this.insistOn(sessionKey(sessionId), () => http.deleteRow(sessionId));
  }

  private deleteKnown(key: string): void {
    const found = this.known.get(key);
    if (found) void this.insistOn(key, () => found.rows.delete(found.sessionId));
  }

  private async insistOn(key: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await this.endings.insistOn(`row of ${key}`, work);
    } catch (error) {
      // The tombstone exists, so requests with this session are refused anyway.
      log.warn('The row of an ended session could not be deleted', error);
    }
  }
}
