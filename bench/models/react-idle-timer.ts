/**
 * Messages between tabs in an hour of react-idle-timer 5 with `crossTab` and `syncTimers`, as the
 * comments of its types describe it: timers are synchronized over the tabs in this interval, for which
 * 200 ms are "a good baseline". Without `syncTimers` only changes between active and idle are told.
 *
 * It never asks a server: what the server thinks of the session is up to the application.
 *
 * @param eventsPerSecond what the user does
 * @param syncTimers in milliseconds
 */
export function messagesOfIdleTimer(tabs: number, eventsPerSecond: number, syncTimers: number): number {
  if (tabs < 2 || syncTimers === 0) return 0;
  return Math.round(3600 * Math.min(eventsPerSecond, 1000 / syncTimers));
}
