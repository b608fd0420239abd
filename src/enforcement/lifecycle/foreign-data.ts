import { log } from '../timelines/events/log.js';

/** Warns that the row of a session names another user than before, or no user, although the application has not changed it. */
export function warnOfForeignData(key: string): void {
  log.warn(
    `The stored session ${key} names another user than its timeline, or no user. It was ended, because something other ` +
      'than this application has written it.',
  );
}
