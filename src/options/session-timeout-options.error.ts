import { printable } from '../policy/identifier.js';

/**
 * Thrown for invalid options. It stops the application at startup. It also stops a request if a function among
 * the options returned an invalid value. The message lists each invalid option and what it must be.
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

/**
 * Returns what a function of the application returned, unless it is a promise.
 *
 * @param option the option with the function
 * @param what what the function has to return
 * @throws SessionTimeoutOptionsError for a promise
 */
export function atOnce<T>(option: string, what: string, returned: T): T {
  if (!(returned instanceof Promise)) return returned;
  // If it fails, too, this must not end the process.
  returned.catch(() => undefined);
  throw new SessionTimeoutOptionsError([
    `${option} has to return ${what} at once; it returned a promise. Find this out before, and put it into the session.`,
  ]);
}
