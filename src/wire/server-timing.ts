import type { Reason } from '../policy/reason.js';
import { TIMING_METRIC } from './headers.js';

/** What an answer says of its session in `Server-Timing`. */
export interface SessionTiming {
  /** Milliseconds until the session ends if nothing happens; 0 once it has ended. */
  readonly left: number;
  readonly state: 'active' | 'warning' | `expired-${Reason}`;
}

/** The metric as it is written: `session;dur=899000;desc="active"`. */
export function encodeServerTiming({ left, state }: SessionTiming): string {
  return `${TIMING_METRIC};dur=${Math.floor(left)};desc="${state}"`;
}
