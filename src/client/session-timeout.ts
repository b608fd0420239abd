/** Options of {@link startSessionTimeout}. */
export interface SessionTimeoutClientOptions {
  /** Where the routes of the package are, with a slash at the end. Default `/session/`. */
  readonly url?: string;
}

/** A running client. */
export interface SessionTimeoutClient {
  /** Takes everything back. */
  stop(): void;
}

export function startSessionTimeout(_options: SessionTimeoutClientOptions = {}): SessionTimeoutClient {
  return { stop: () => undefined };
}
