import type { Reason } from '../policy/reason.js';
import { TIMING_METRIC } from './headers.js';

/** What an answer says about its session in `Server-Timing`. */
export interface SessionTiming {
  /** Milliseconds until the session ends if there is no activity; 0 once it has ended. */
  readonly left: number;
  readonly state: 'active' | 'warning' | `expired-${Reason}`;
}

/** Returns the metric for the header: `session;dur=899000;desc="active"`. */
export function encodeServerTiming({ left, state }: SessionTiming): string {
  return `${TIMING_METRIC};dur=${Math.floor(left)};desc="${state}"`;
}

/** A metric of `Server-Timing`, as browsers expose it. */
interface Metric {
  readonly name: string;
  readonly duration: number;
  readonly description: string;
}

/** Finds the session metric among those of an answer; `undefined` if it is missing. */
export function decodeServerTiming(
  metrics: readonly Metric[] | undefined,
): { readonly left: number; readonly reason: Reason | undefined } | undefined {
  const metric = metrics?.find(({ name }) => name === TIMING_METRIC);
  if (!metric) return undefined;
  const [, reason] = /^expired-(.+)/.exec(metric.description) ?? [];
  return { left: metric.duration, reason: reason as Reason | undefined };
}
