import { printable } from '../policy/identifier.js';

/**
 * Thrown for invalid options. It stops the application at startup. It also stops a request if `limitsFor` or
 * `maxSessions` returned an invalid value. The message lists each invalid option and what it must be.
 */
export class SessionTimeoutOptionsError extends Error {
  override readonly name = 'SessionTimeoutOptionsError';

  /** One line for each invalid option. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const lines = problems.map(printable);
    super(`SessionTimeoutModule cannot work with these options:\n${lines.map((line) => `  - ${line}`).join('\n')}`);
    this.problems = lines;
  }
}
