/** What the number of pings depends on. Times in seconds. */
export interface Hour {
  readonly tabs: number;
  /** Whether the user is active all the time in the first tab. */
  readonly isActive: boolean;
  readonly idleLimit: number;
  readonly warnBefore: number;
}

const HOUR = 3600;

/**
 * Pings per hour of django-session-security 2.6, by the rules of its `script.js` and `PingView`. Each tab asks by
 * itself: first when it thinks that the warning is due, and while it warns, when it thinks that the session is over.
 * It sends its own idle time and takes over the lowest one that the server knows.
 *
 * Tabs are opened ten seconds apart, and answers come at once.
 */
export function pingsOfSessionSecurity({ tabs, isActive, idleLimit, warnBefore }: Hour): number {
  const warnAfter = idleLimit - warnBefore;
  const open = Array.from({ length: tabs }, (_, i) => ({ activeAt: i * 10, asksAt: i * 10 + warnAfter }));
  let known = (tabs - 1) * 10;
  let pings = 0;
  for (;;) {
    const tab = open.toSorted((a, b) => a.asksAt - b.asksAt)[0];
    if (!tab || tab.asksAt > HOUR) return pings;
    const now = tab.asksAt;
    pings += 1;
    if (isActive && tab === open[0]) tab.activeAt = now;
    known = Math.max(known, tab.activeAt);
    tab.activeAt = known;
    const idleFor = now - known;
    if (idleFor >= idleLimit) open.splice(open.indexOf(tab), 1);
    else tab.asksAt = now + (idleFor >= warnAfter ? idleLimit : warnAfter) - idleFor;
  }
}
