import { ForbiddenException, HttpStatus } from '@nestjs/common';
import { secondsOrNull } from '../wire/seconds.js';

/** The body of the answer if the user has to authenticate again: problem details (RFC 9457) with a stable `code`. */
export interface ReauthenticationRequiredProblem {
  /** A URN that names the kind of problem. */
  readonly type: string;
  /** The name of the problem, in English. */
  readonly title: string;
  /** The status of the answer. */
  readonly status: number;
  /** The text for users, in English. */
  readonly detail: string;
  readonly code: 'REAUTHENTICATION_REQUIRED';
  /** How long ago the user may have authenticated, in seconds. */
  readonly maxAge: number;
  /** How long ago the user did authenticate, in seconds; `null` for never. */
  readonly authAge: number | null;
  /** Where to authenticate again; absent without the option `reauthenticateAt`. */
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
