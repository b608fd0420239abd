/** What an answer of the server says of the session, in the `Server-Timing` metric `session`. */
export interface Timing {
  /** When the request was sent, on the performance timeline. */
  readonly askedAt: number;
  /** Milliseconds until the session ends. */
  readonly left: number;
  readonly expired: boolean;
}

type Timed = Pick<PerformanceResourceTiming, 'name' | 'requestStart' | 'transferSize' | 'serverTiming'>;

/** What the page itself came with; `undefined` if it came from a cache, or was made ahead of its time. */
export function navigationTiming(): Timing | undefined {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  if (!entry || entry.type === 'back_forward') return undefined;
  if (((entry as { activationStart?: number }).activationStart ?? 0) > 0) return undefined;
  return timingOf(entry);
}

/** Whether the user has asked for the page once more. */
export function isReload(): boolean {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return entry?.type === 'reload';
}

/** Hears of every later answer, without a change to `fetch`. Returns the undo. */
export function observeTimings(own: string, hear: (timing: Timing) => void): () => void {
  if (typeof PerformanceObserver === 'undefined') return () => undefined;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceResourceTiming[]) {
      const timing = entry.name.startsWith(own) ? undefined : timingOf(entry);
      if (timing) hear(timing);
    }
  });
  observer.observe({ type: 'resource' });
  return () => observer.disconnect();
}

function timingOf({ name, requestStart, transferSize, serverTiming }: Timed): Timing | undefined {
  // Out of a cache, it tells of the past; from another origin, of another session.
  if (transferSize === 0 || !name.startsWith(`${location.origin}/`)) return undefined;
  const metric = serverTiming?.find((metric) => metric.name === 'session');
  if (!metric) return undefined;
  return { askedAt: requestStart, left: metric.duration, expired: metric.description.startsWith('expired') };
}
