/** Stops the start of the application. The message lists every option that is wrong, and what it must be. */
export class SessionTimeoutOptionsError extends Error {
  override readonly name = 'SessionTimeoutOptionsError';

  /** @param problems one line for each option that is wrong */
  constructor(readonly problems: readonly string[]) {
    super(
      `SessionTimeoutModule cannot work with these options:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
  }
}
