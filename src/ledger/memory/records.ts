import type { EndedRecord, Ending, LedgerRecord, OpenRecord } from '../activity-ledger.js';
import { NO_TRAITS, type TimelineRow } from './timeline-table.js';

/** Returns the record of a timeline at `now`. */
export function describe(timeline: TimelineRow, now: number): LedgerRecord {
  return timeline.reason ? describeEnded(timeline, timeline.reason, now) : describeOpen(timeline, now);
}

/** Returns the record of an open session at `now`. */
export function describeOpen({ startedAt, latestAt, authAt, user, traits }: TimelineRow, now: number): OpenRecord {
  return {
    state: 'open',
    sessionAge: now - startedAt,
    idleFor: now - latestAt,
    user,
    authAge: now - authAt,
    device: traits.device,
  };
}

function describeEnded({ latestAt, user }: TimelineRow, reason: EndedRecord['reason'], now: number): EndedRecord {
  return { state: 'ended', reason, endedFor: now - latestAt, user };
}

/** Returns the tombstone of a session that had no record. */
export function tombstone({ reason, keepFor }: Ending, now: number): TimelineRow {
  const forgetAt = now + keepFor;
  return { startedAt: now, latestAt: now, forgetAt, authAt: now, user: undefined, reason, traits: NO_TRAITS };
}
