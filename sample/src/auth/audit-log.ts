import { Logger } from '@nestjs/common';
import type { AuditEntry } from 'nestjs-session-timeout';

const logger = new Logger('Audit');

/** Logs what happens to sessions, one line of JSON for each entry. A hash names each session. */
export function logEntry(entry: AuditEntry): void {
  logger.log(JSON.stringify(entry));
}
