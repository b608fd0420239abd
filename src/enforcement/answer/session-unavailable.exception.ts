import { ServiceUnavailableException } from '@nestjs/common';

/** Seconds after which clients should try again while sessions cannot be checked. */
export const RETRY_AFTER = 2;

/** Thrown when the session cannot be checked right now. The answer is 503, and the session stays as it is. */
export class SessionUnavailableException extends ServiceUnavailableException {
  constructor(cause?: unknown) {
    super('The session cannot be checked right now. Try again in a moment.', { cause });
  }
}
