import type { LoggerService } from '@nestjs/common';

/** A logger that writes into `messages`. */
export function collector(messages: string[]): LoggerService {
  const log = (message: unknown) => void messages.push(String(message));
  return { log, warn: log, error: log };
}
