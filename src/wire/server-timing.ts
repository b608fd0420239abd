import type { Reason } from '../policy/reason.js';
import { TIMING_METRIC } from './headers.js';

/** The session status in the header `Server-Timing`. */
export interface SessionTiming {
  /** Milliseconds until the session ends if there is no activity; 0 once it has ended. */
  readonly left: number;
  readonly state: 'active' | 'warning' | `expired-${Reason}`;
  /** The tag of the session. */
  readonly session: string;
  /** The server's time, in milliseconds since 1970. It distinguishes new headers from old headers of caches. */
  readonly at: number;
}

/** Returns the metric for the header: `session;dur=899000;desc="active 3kTMd2Zl 1767603600"`. */
export function encodeServerTiming({ left, state, session, at }: SessionTiming): string {
  return `${TIMING_METRIC};dur=${Math.floor(left)};desc="${state} ${session} ${Math.floor(at / 1000)}"`;
}

/** A metric of `Server-Timing`, as browsers expose it. */
interface Metric {
  readonly name: string;
  readonly duration: number;
  readonly description: string;
}

/** A {@link SessionTiming}, as the browser reads it. */
export interface ReadTiming extends Pick<SessionTiming, 'left' | 'session' | 'at'> {
  /** Why the session has ended; `undefined` if it goes on. */
  readonly reason: Reason | undefined;
}

/**
 * Finds the session metric among those of an answer; `undefined` if it is missing. The application may have a metric
 * of the same name.
 */
export function decodeServerTiming(metrics: readonly Metric[] = []): ReadTiming | undefined {
  for (const { name, description, duration } of metrics) {
    const [, reason, session, at] = /^(?:active|warning|expired-(\S+)) (\S+) (\d+)$/.exec(description) ?? [];
    if (name === TIMING_METRIC && session) {
      return { left: duration, session, at: Number(at) * 1000, reason: reason as Reason | undefined };
    }
  }
  return undefined;
}

/**
 * Whether a shared cache may keep an answer with this `Cache-Control` (RFC 9111). It would give one user's header to
 * another.
 */
export function isSharedAnswer(cacheControl: unknown): boolean {
  if (cacheControl === undefined) return false;
  const directives = String(cacheControl).toLowerCase();
  if (/(^|[\s,])public\b/.test(directives)) return true;
  // `private="set-cookie"` keeps only that field private.
  return /(^|[\s,])(s-maxage|max-age)\b/.test(directives) && !/(^|[\s,])(private|no-store)\b(?!\s*=)/.test(directives);
}
