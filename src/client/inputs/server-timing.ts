import { decodeServerTiming } from '../../wire/server-timing.js';
import type { PageClock } from '../engine/clock.js';
import type { Transition } from '../state/session-state.js';
import { onCachedPage, onOtherAnswer, onPageTiming, onServerTiming } from '../state/transitions.js';
import { recallTab } from '../tabs/tab-memory.js';

/** How the page came: `navigational-prefetch` if the browser has fetched it in advance. */
type Page = PerformanceNavigationTiming & { readonly deliveryType?: string };

/**
 * Reads the `Server-Timing` metric `session` of every answer, without a change to `fetch`: of the page itself, and of
 * all later requests of the application. After a refusal, the client asks the server, even if the answer has no such
 * metric. Returns a function that stops this.
 *
 * @param own the URL of the package's routes
 */
export function serverTimings(own: string, clock: PageClock, apply: (transition: Transition) => void): () => void {
  (performance.getEntriesByType('navigation') as Page[]).forEach(hearPage);

  function hearPage({ type, requestStart, transferSize, serverTiming, deliveryType }: Page): void {
    const timing = decodeServerTiming(serverTiming);
    const isBack = type === 'back_forward';
    if (transferSize > 0) {
      if (timing)
        apply((state, at) => onPageTiming(state, at, clockAt(requestStart), timing, deliveryType?.startsWith('nav')));
    } else {
      // The browser shows an old copy of a page without asking the server. Without Back, the copy is hidden only if this tab
      // knows that its session has ended. It may be a page of the public, so it is loaded again. If a copy does not
      // say whose it is, it counts as one of the tab's last session.
      const last = recallTab(own);
      const session = timing?.session ?? last?.session;
      const told = timing && last?.session === session && last?.reason;
      const ending = isBack && timing ? told : 'other';
      if (session && (isBack || told)) apply((state, at) => onCachedPage(state, at, session, ending));
    }
  }

  function hear(answer: PerformanceResourceTiming): void {
    const { name, requestStart, serverTiming, responseStatus, redirectEnd, initiatorType } = answer;
    const timing = decodeServerTiming(serverTiming);
    const isRefusal = responseStatus === 401 || redirectEnd > 0;
    const route = name.replace(own, '');
    // Of our own routes, only these end sessions. Other origins have sessions of their own.
    if (!/^(end|list)/.test(route) && !route.startsWith(`${location.origin}/`)) return;
    if (timing) apply((state, at) => onServerTiming(state, at, clockAt(requestStart), timing));
    // A refusal counts, no matter what was refused: a picture, a beacon or a part of the application, for example.
    else if (responseStatus === 401 || /fetch|xml/.test(initiatorType)) {
      apply((state, at) => onOtherAnswer(state, at, isRefusal));
    }
  }

  /** A time of the performance timeline, as a reading of the page's clock. */
  function clockAt(time: number): number {
    return clock.now() - (performance.now() - time);
  }

  const observer = new PerformanceObserver((list) => {
    (list.getEntries() as PerformanceResourceTiming[]).forEach(hear);
  });
  // A request may have been refused before this script was loaded.
  observer.observe({ type: 'resource', buffered: true });
  return () => observer.disconnect();
}
