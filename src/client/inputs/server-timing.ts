import type { Reason } from '../../policy/reason.js';
import { asking, doubting, settled } from '../state/transitions.js';
import type { PageClock } from '../engine/clock.js';
import type { Knowledge, Rule } from '../state/session-state.js';

type Entry = Pick<PerformanceNavigationTiming, 'name' | 'requestStart' | 'transferSize' | 'serverTiming'>;

/**
 * Learns from the `Server-Timing` metric `session` of every answer, without a change to `fetch`: of
 * the page itself, before the first question, and of whatever the application asks for later.
 * Returns the undo.
 *
 * @param own the address below which this package asks
 */
export function serverTimings(own: string, clock: PageClock, learn: (rule: Rule) => void): () => void {
  const [page] = performance.getEntriesByType('navigation') as (PerformanceNavigationTiming & {
    activationStart?: number;
  })[];
  // Made ahead of its time, the page tells of the past.
  if (page && !page.activationStart) hear(page, true);

  function hear({ name, requestStart, transferSize, serverTiming }: Entry, fresh: boolean): void {
    const metric = serverTiming?.find(({ name }) => name === 'session');
    // Other origins have sessions of their own.
    if (!metric || name.startsWith(own) || !name.startsWith(`${location.origin}/`)) return;
    // What comes out of a cache tells of the past; but such a page was somebody's.
    if (transferSize === 0) return fresh ? learn((known, at) => doubting({ ...known, seen: true }, at)) : undefined;
    const askedAt = clock.now() - (performance.now() - requestStart);
    const [, reason] = /^expired-(.+)/.exec(metric.description) ?? [];
    learn((known, at) =>
      reason && fresh ? { ...known, fresh } : afterTiming(known, at, askedAt, metric.duration, reason as Reason),
    );
  }

  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) hear(entry as PerformanceResourceTiming, false);
  });
  observer.observe({ type: 'resource' });
  return () => observer.disconnect();
}

/** What the page knows once an ordinary answer told how much is `left`. It does not tell of which session or limit. */
export function afterTiming(known: Knowledge, at: number, askedAt: number, left: number, told?: Reason): Knowledge {
  const end = askedAt + left;
  if (askedAt <= known.answeredAt || (told && known.phase === 'anonymous')) return known;
  if (told) return doubting({ ...known, told }, at);
  if (known.phase === 'unknown') return { ...known, seen: true, idleAt: end };
  // The absolute end does not move: all this says is that the idle one comes later.
  if (Math.abs(end - known.absoluteAt) < 1000) return { ...known, idleAt: Math.max(known.idleAt, known.absoluteAt) };
  if (known.phase === 'anonymous' || end > known.absoluteAt) return asking(known, at);
  return settled({ ...known, answeredAt: askedAt, idleAt: end }, at);
}
