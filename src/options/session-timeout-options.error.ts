import { printable } from '../policy/identifier.js';

/**
 * Stops the start of the application, or a request for which `limitsFor` returned something wrong. The message lists
 * every option that is wrong, and what it must be.
 */
export class SessionTimeoutOptionsError extends Error {
  override readonly name = 'SessionTimeoutOptionsError';

  /** One line for each option that is wrong. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const lines = problems.map(printable);
    super(`SessionTimeoutModule cannot work with these options:\n${lines.map((line) => `  - ${line}`).join('\n')}`);
    this.problems = lines;
  }
}
