import { RecentMap } from '../base/recent-map.js';

/** The name of the marker in a tracked session. */
export const MARKER = 'nestjs-session-timeout';

/** The marker: what we leave in a session to recognise it. Its time is used only if the ledger has no record. */
export interface Marker {
  /** When the session started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The run of the ledger that held the record; none for a shared ledger. */
  readonly run: string | undefined;
}

/** 96 of the 256 bits of a key are enough to distinguish sessions. */
const LENGTH = 16;

/** A part of the session's key, when it started, and the run: `bWFya2Vy4oCm_9Qx.1767225600000.3kTMd2Zl`. */
const WRITTEN = /^([\w-]{16})\.(-?\d{1,16})(?:\.(.*))?$/s;

interface Written {
  /** A part of the key of its session. */
  readonly session: string;
  readonly marker: Marker;
}

/** The latest markers: a page sends many requests in a row. */
const recent = new RecentMap<string, Written>(100);

/**
 * Reads the marker in the session with this key. Returns `undefined` if there is none, or if it was copied from another
 * session, and `'malformed'` for anything that cannot be a marker.
 */
export function parseMarker(value: unknown, key: string): Marker | 'malformed' | undefined {
  if (value === undefined) return undefined;
  const written = typeof value === 'string' ? (recent.get(value) ?? parse(value)) : undefined;
  if (!written) return 'malformed';
  return key.startsWith(written.session) ? written.marker : undefined;
}

function parse(text: string): Written | undefined {
  const [, session, startedAt, run] = WRITTEN.exec(text) ?? [];
  if (session === undefined) return undefined;
  const written = { session, marker: { startedAt: Number(startedAt), run } };
  recent.set(text, written);
  return written;
}

/**
 * Writes the marker of the session with this key as one piece of text. express-session calls a function for each value
 * in a session, three times per request.
 */
export function markerText(key: string, { startedAt, run }: Marker): string {
  const marker = `${key.slice(0, LENGTH)}.${startedAt}`;
  return run === undefined ? marker : `${marker}.${run}`;
}
