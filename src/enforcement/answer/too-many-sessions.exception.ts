import { ForbiddenException, HttpStatus } from '@nestjs/common';
import type { ProblemDetails } from './problem-details.js';

/** The body of the answer to a refused sign-in. Its `detail` is in English. */
export interface TooManySessionsProblem extends ProblemDetails<'TOO_MANY_SESSIONS'> {
  /** How many sessions the user may have. */
  readonly max: number;
}

/**
 * Thrown when a sign-in is refused, because the user already has `maxSessions` sessions and `whenFull` is `'refuse'`.
 * Nobody was signed in. An exception filter of the application may answer it in another way.
 */
export class TooManySessionsException extends ForbiddenException {
  /** What GraphQL servers add to the error. */
  readonly extensions: Pick<TooManySessionsProblem, 'code' | 'max'>;

  /** @param max how many sessions the user may have */
  constructor(
    readonly max: number,
    cause?: unknown,
  ) {
    const extensions = { code: 'TOO_MANY_SESSIONS', max } as const;
    const detail = 'You are signed in on the maximum number of devices. Sign out on one of them first.';
    const problem: TooManySessionsProblem = {
      type: 'urn:nestjs-session-timeout:too-many-sessions',
      title: 'Too many sessions',
      status: HttpStatus.FORBIDDEN,
      detail,
      ...extensions,
    };
    super(problem, { cause });
    this.message = detail;
    this.extensions = extensions;
  }
}
