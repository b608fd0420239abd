import { ForbiddenException, HttpStatus } from '@nestjs/common';
import { secondsOrNull } from '../wire/seconds.js';

/** The body of the answer if the user has to prove who they are: problem details (RFC 9457) with a stable `code`. */
export interface ReauthenticationRequiredProblem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: 'REAUTHENTICATION_REQUIRED';
  /** How old the last proof may be, in seconds. */
  readonly maxAge: number;
  /** How old it is, in seconds; `null` if there is none. */
  readonly authAge: number | null;
  /** Where to prove it again; absent without the option `reauthenticateAt`. */
  readonly loginUrl?: string;
}

/**
 * The session goes on, but its user has proved too long ago who they are. Exception filters of the application may
 * answer it in another way.
 */
export class ReauthenticationRequiredException extends ForbiddenException {
  /** What GraphQL servers add to the error. */
  readonly extensions: Pick<ReauthenticationRequiredProblem, 'code' | 'maxAge' | 'authAge' | 'loginUrl'>;

  /**
   * @param maxAge how old the last proof may be, in milliseconds
   * @param authAge how old it is, in milliseconds; `Infinity` if there is none
   * @param loginUrl where to prove it again
   */
  constructor(
    readonly maxAge: number,
    readonly authAge: number,
    readonly loginUrl?: string,
  ) {
    const detail = 'Please confirm who you are to go on.';
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
