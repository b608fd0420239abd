const { IDLE_TIMEOUT, ABSOLUTE_TIMEOUT, WARN_BEFORE, CONFIRM_AFTER } = process.env as Record<
  string,
  string | undefined
>;

/**
 * The limits from the environment, in the format of `ms`. They are short, so that you can watch them. Invalid values
 * stop the application at startup.
 */
export const limits = {
  idleTimeout: IDLE_TIMEOUT ?? '60s',
  absoluteTimeout: ABSOLUTE_TIMEOUT ?? '10m',
  // Without it, half of the shorter limit, at most two minutes.
  warnBefore: WARN_BEFORE,
};

/** On how many devices a user may be signed in. */
export const maxSessions = 3;

/** How long a password counts as just typed. */
export const confirmAfter = CONFIRM_AFTER ?? '1m';
