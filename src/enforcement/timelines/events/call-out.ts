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
    logger.error(failure, error instanceof Error ? error.stack : error);
  }
}
