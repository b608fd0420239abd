/** `x-session-client: 1` comes from our browser client. Other sites cannot send it without a CORS preflight. */
export const CLIENT_HEADER = 'x-session-client';

/** `x-session-passive: 1` marks a request that is not activity. */
export const PASSIVE_HEADER = 'x-session-passive';

/** Says whether a request counted as activity, and why. Only with the option `debug`. */
export const DEBUG_HEADER = 'x-session-timeout';

/** The metric of `Server-Timing` with the session status. */
export const TIMING_METRIC = 'session';
