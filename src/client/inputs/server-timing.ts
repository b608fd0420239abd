import { decodeServerTiming } from '../../wire/server-timing.js';
import type { PageClock } from '../engine/clock.js';
import type { Transition } from '../state/session-state.js';
import { onCachedPage, onPageTiming, onServerTiming } from '../state/transitions.js';

/**
 * Learns from the `Server-Timing` metric `session` of every answer, without a change to `fetch`: from the page itself,
 * and from whatever the application asks for later. Returns the undo.
 *
 * @param own the address below which this package asks
 */
export function serverTimings(own: string, clock: PageClock, apply: (transition: Transition) => void): () => void {
  const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (page) hearPage(page);

  function hearPage({ type, requestStart, transferSize, serverTiming }: PerformanceNavigationTiming): void {
    const timing = decodeServerTiming(serverTiming);
    if (!timing) return;
    if (transferSize > 0) apply((state, at) => onPageTiming(state, at, clockAt(requestStart), timing));
    // The browser shows a page again that was somebody's, without asking the server.
    else if (type === 'back_forward') apply((state, at) => onCachedPage(state, at, timing.session));
  }

  function hear({ name, requestStart, serverTiming }: PerformanceResourceTiming): void {
    const timing = decodeServerTiming(serverTiming);
    // Other origins have sessions of their own.
    if (!timing || name.startsWith(own) || !name.startsWith(`${location.origin}/`)) return;
    apply((state, at) => onServerTiming(state, at, clockAt(requestStart), timing));
  }

  /** A time of the performance timeline, as a reading of the page's clock. */
  function clockAt(time: number): number {
    return clock.now() - (performance.now() - time);
  }

  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) hear(entry as PerformanceResourceTiming);
  });
  observer.observe({ type: 'resource' });
  return () => observer.disconnect();
}
