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
      return { left: duration, session, at: +at! * 1000, reason: reason as Reason | undefined };
    }
  }
  return undefined;
}

/** Headers for the caches of content delivery networks, which use them instead of `Cache-Control` (RFC 9213). */
const FOR_NETWORKS = [
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'vercel-cdn-cache-control',
  'surrogate-control',
];

/**
 * Whether a shared cache may keep an answer (RFC 9111). It would give one user's header to another.
 *
 * @param header returns the value of a header, whose name it gets in lower case: each call of Node's `getHeader()`
 *   converts any other name
 */
export function isSharedAnswer(header: (name: string) => unknown): boolean {
  const cacheControl = header('cache-control');
  if (allowsSharing(cacheControl) || FOR_NETWORKS.some((name) => allowsSharing(header(name)))) return true;
  const expires = header('expires');
  // Without a date (`0`, `-1`), the answer has expired. With a date in the past, it is only left out once too often.
  if (expires === undefined || !/[a-z]/i.test(String(expires))) return false;
  return !forbidsSharing(cacheControl) && !/no-cache/i.test(String(cacheControl));
}

function allowsSharing(directives: unknown): boolean {
  if (directives === undefined) return false;
  if (/(^|[\s,])public\b/i.test(String(directives))) return true;
  return /(^|[\s,])(s-maxage|max-age)\b/i.test(String(directives)) && !forbidsSharing(directives);
}

/** `private="set-cookie"` keeps only that field private. */
function forbidsSharing(directives: unknown): boolean {
  return /(^|[\s,])(private|no-store)\b(?!\s*=)/i.test(String(directives));
}
