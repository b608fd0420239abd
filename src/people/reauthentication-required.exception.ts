import { ForbiddenException, HttpStatus } from '@nestjs/common';
import type { ProblemDetails } from '../enforcement/answer/problem-details.js';
import { secondsOrNull } from '../wire/seconds.js';

/** The body of the answer if the user has to authenticate again. Its `detail` is in English. */
export interface ReauthenticationRequiredProblem extends ProblemDetails<'REAUTHENTICATION_REQUIRED'> {
  /** How long ago the user may have authenticated, in seconds. */
  readonly maxAge: number;
  /** How long ago the user did authenticate, in seconds; `null` for never. */
  readonly authAge: number | null;
  /** Where to authenticate again: `reauthenticateAt`, or `redirectTo` for visitors. Absent without these options. */
  readonly loginUrl?: string;
}

/**
 * Thrown when the user has to authenticate again. The session goes on. An exception filter of the application may
 * answer it in another way.
 */
export class ReauthenticationRequiredException extends ForbiddenException {
  /** What GraphQL servers add to the error. */
  readonly extensions: Pick<ReauthenticationRequiredProblem, 'code' | 'maxAge' | 'authAge' | 'loginUrl'>;

  /**
   * @param maxAge how long ago the user may have authenticated, in milliseconds
   * @param authAge how long ago the user did authenticate, in milliseconds; `Infinity` for never
   * @param loginUrl where to authenticate again
   */
  constructor(
    readonly maxAge: number,
    readonly authAge: number,
    readonly loginUrl?: string,
  ) {
    const detail = 'Please confirm who you are to continue.';
    const extensions = {
      code: 'REAUTHENTICATION_REQUIRED',
      maxAge: maxAge / 1000,
      authAge: secondsOrNull(authAge),
      ...(loginUrl === undefined ? {} : { loginUrl }),
    } as const;
    super({
      type: 'urn:nestjs-session-timeout:reauthentication-required',
      title: 'Reauthentication required',
      status: HttpStatus.FORBIDDEN,
      detail,
      ...extensions,
    } satisfies ReauthenticationRequiredProblem);
    this.message = detail;
    this.extensions = extensions;
  }
}
