const { IDLE_TIMEOUT, ABSOLUTE_TIMEOUT, WARN_BEFORE } = process.env as Record<string, string | undefined>;

/** From the environment, in the format of `ms`; short, so that one can watch them. Nonsense stops the boot. */
export const limits = {
  idleTimeout: IDLE_TIMEOUT ?? '60s',
  absoluteTimeout: ABSOLUTE_TIMEOUT ?? '10m',
  warnBefore: WARN_BEFORE ?? '30s',
};
