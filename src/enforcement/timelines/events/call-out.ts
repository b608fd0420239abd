import { log } from './log.js';

/**
 * Calls a function of the application. If it throws or rejects, the error is logged, and nothing else happens.
 *
 * @param failure the message for the log
 */
export async function callOut(failure: string, call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    log.error(failure, error);
  }
}
