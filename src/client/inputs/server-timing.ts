import { decodeServerTiming } from '../../wire/server-timing.js';
import type { PageClock } from '../engine/clock.js';
import type { Transition } from '../state/session-state.js';
import { onCachedPage, onFreshPage, onServerTiming } from '../state/transitions.js';

type Entry = Pick<PerformanceNavigationTiming, 'name' | 'requestStart' | 'transferSize' | 'serverTiming'>;

/**
 * Learns from the `Server-Timing` metric `session` of every answer, without a change to `fetch`: from the
 * page itself, before the first question, and from whatever the application asks for later. Returns the
 * undo.
 *
 * @param own the address below which this package asks
 */
export function serverTimings(own: string, clock: PageClock, apply: (transition: Transition) => void): () => void {
  const [page] = performance.getEntriesByType('navigation') as (PerformanceNavigationTiming & {
    activationStart?: number;
  })[];
  // A page that was rendered ahead of time says how things were then.
  if (page && !page.activationStart) hear(page, true);

  function hear({ name, requestStart, transferSize, serverTiming }: Entry, isPage: boolean): void {
    const timing = decodeServerTiming(serverTiming);
    // Other origins have sessions of their own.
    if (!timing || name.startsWith(own) || !name.startsWith(`${location.origin}/`)) return;
    // An answer from a cache is old. But a page from a cache was somebody's.
    if (transferSize === 0) return isPage ? apply(onCachedPage) : undefined;
    const askedAt = clock.now() - (performance.now() - requestStart);
    const { left, reason } = timing;
    apply(reason && isPage ? onFreshPage : (state, at) => onServerTiming(state, at, askedAt, left, reason));
  }

  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) hear(entry as PerformanceResourceTiming, false);
  });
  observer.observe({ type: 'resource' });
  return () => observer.disconnect();
}
