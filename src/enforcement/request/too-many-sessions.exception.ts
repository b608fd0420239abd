import { ForbiddenException, HttpStatus } from '@nestjs/common';

/** The body of the answer to a sign-in that is refused: problem details (RFC 9457) with a stable `code`. */
export interface TooManySessionsProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: 'TOO_MANY_SESSIONS';
  /** How many sessions the user may have. */
  readonly max: number;
}

/**
 * Nobody was signed in, because the user has as many sessions as the option `maxSessions` allows, and `whenFull` is
 * `'refuse'`. Exception filters of the application may answer it in another way.
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
    const detail = 'You are signed in on as many devices as you may be. Sign out on another one first.';
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
