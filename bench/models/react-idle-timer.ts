/**
 * Messages between tabs per hour of react-idle-timer 5 with `crossTab` and `syncTimers`, as the comments of its types
 * describe it: timers are synchronized across tabs in this interval, for which 200 ms are "a good baseline". Without
 * `syncTimers`, only changes between active and idle are sent.
 *
 * It never asks a server: the application has to find out whether the session still exists.
 *
 * @param eventsPerSecond events caused by the user
 * @param syncTimers in milliseconds
 */
export function messagesOfIdleTimer(tabs: number, eventsPerSecond: number, syncTimers: number): number {
  if (tabs < 2 || syncTimers === 0) return 0;
  return Math.round(3600 * Math.min(eventsPerSecond, 1000 / syncTimers));
}
