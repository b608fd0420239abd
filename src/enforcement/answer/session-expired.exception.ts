import { HttpStatus, UnauthorizedException } from '@nestjs/common';
import type { Reason } from '../../policy/reason.js';
import type { ProblemDetails } from './problem-details.js';

/** The body of a refusal. Its `detail` comes from the option `messages`. */
export interface SessionExpiredProblem extends ProblemDetails<'SESSION_EXPIRED'> {
  /** Why the session ended. */
  readonly reason: Reason;
  /** The URL of the login page; absent without the option `redirectTo`. */
  readonly loginUrl?: string;
}

/**
 * Thrown when the session of the request has ended. An exception filter of the application may answer it in another
 * format. Our own filter uses `reason` and `loginUrl`.
 */
export class SessionExpiredException extends UnauthorizedException {
  /** What GraphQL servers add to the error. */
  readonly extensions: Pick<SessionExpiredProblem, 'code' | 'reason' | 'loginUrl'>;

  /**
   * @param reason why the session ended
   * @param detail the reason in the application's words
   * @param loginUrl the URL of the login page
   */
  constructor(
    readonly reason: Reason,
    detail: string = 'Your session has ended.',
    readonly loginUrl?: string,
  ) {
    const extensions = { code: 'SESSION_EXPIRED', reason, ...(loginUrl === undefined ? {} : { loginUrl }) } as const;
    super({
      type: `urn:nestjs-session-timeout:session-expired:${reason}`,
      title: 'Session expired',
      status: HttpStatus.UNAUTHORIZED,
      detail,
      ...extensions,
    } satisfies SessionExpiredProblem);
    this.message = detail;
    this.extensions = extensions;
  }
}
