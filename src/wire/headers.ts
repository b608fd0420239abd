/**
 * The names of what travels between server and browser beside the bodies. Both sides import them from here.
 */

/** `x-session-client: 1` comes from our browser client; no other site can send it without asking first. */
export const CLIENT_HEADER = 'x-session-client';

/** `x-session-passive: 1` says that a request is no sign of life. */
export const PASSIVE_HEADER = 'x-session-passive';

/** The metric of `Server-Timing` that says how the session stands. */
export const TIMING_METRIC = 'session';
