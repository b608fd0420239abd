/** The value of `Server-Timing` for a session in this state, whatever its tag and the time. */
export function timing(state: string, left: number, before = ''): unknown {
  return expect.stringMatching(new RegExp(`^${before}session;dur=${left};desc="${state} [\\w-]{8} \\d{10}"$`));
}
