import { Logger } from '@nestjs/common';

const logger = new Logger('SessionTimeout');

/**
 * The log of the package. The logger of an application may throw. Then the line is lost, because there is no other place
 * for it, and what has caused the line goes on.
 */
export const log = {
  info: (message: string): void => write('log', message),
  warn: (message: string, error?: unknown): void => write('warn', message, error),
  error: (message: string, error?: unknown): void => write('error', message, error),
  debug: (message: string): void => write('debug', message),
  /** Warns only the first time about an object, such as a function of the application. */
  warnOnce(about: object, message: string): void {
    if (warned.has(about)) return;
    warned.add(about);
    log.warn(message);
  },
};

const warned = new WeakSet<object>();

function write(level: 'log' | 'warn' | 'error' | 'debug', message: string, error?: unknown): void {
  const details = error === undefined ? [] : [error instanceof Error ? error.stack : error];
  try {
    logger[level](message, ...details);
  } catch {
    // See above.
  }
}
