import { Logger } from '@nestjs/common';

const logger = new Logger('SessionTimeout');

/**
 * Calls a function of the application. If it throws or rejects, the error is logged, and nothing else happens.
 *
 * @param failure the message for the log
 */
export async function callOut(failure: string, call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    logFailure(logger, failure, error);
  }
}

/** Logs an error. The logger of an application may throw, and nobody would catch that. */
export function logFailure(to: Logger, message: string, error: unknown): void {
  try {
    to.error(message, error instanceof Error ? error.stack : error);
  } catch {
    // There is no other place to tell it.
  }
}
