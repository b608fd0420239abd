const HOUR = 60 * 60 * 1000;

/** What goes on without a hand on keyboard or mouse, and still counts as activity. */
export interface Leases {
  /** Lasts until `release` is called, and no longer than `maxMs` (milliseconds, by default an hour). */
  take(why: string, now: number, maxMs?: number): () => void;
  /** The reasons of those that run. */
  running(now: number): readonly string[];
}

export function leases(): Leases {
  const held = new Set<{ why: string; until: number }>();
  return {
    take(why, now, maxMs = HOUR) {
      const lease = { why, until: now + maxMs };
      held.add(lease);
      return () => void held.delete(lease);
    },
    running(now) {
      for (const lease of held) if (now >= lease.until) held.delete(lease);
      return [...held].map(({ why }) => why);
    },
  };
}
