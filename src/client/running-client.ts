import type { SessionTimeoutClient } from './page.js';

/** Where a window keeps its running client, so that a second start finds the first, even from another copy of the code. */
export const RUNNING = Symbol.for('nestjs-session-timeout.client');

/** A window, or another global object, that may have a running client. */
export interface MayRun {
  [RUNNING]?: SessionTimeoutClient | undefined;
}
