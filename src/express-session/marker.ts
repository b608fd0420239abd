/** The name under which a tracked session carries its marker. */
export const MARKER = 'nestjs-session-timeout';

/** What we leave in a session to know it again. It holds no times that are trusted while the ledger knows better. */
export interface Marker {
  /** When the session started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The run of the ledger that held the record; none for a shared ledger. */
  readonly run: string | undefined;
}

/** Of a key's 256 bits, 96 tell sessions apart for good. */
const LENGTH = 16;

/** A part of the session's key, when it started, and the run: `bWFya2Vy4oCm_9Qx.1767225600000.3kTMd2Zl`. */
const WRITTEN = /^([\w-]{16})\.(-?\d{1,16})(?:\.(.*))?$/s;

/**
 * Reads what stands at the marker's place in the session with this key: `undefined` if nothing does, or the
 * marker of another session, which was copied; `'malformed'` for anything that cannot be one.
 */
export function parseMarker(value: unknown, key: string): Marker | 'malformed' | undefined {
  if (value === undefined) return undefined;
  const written = typeof value === 'string' && WRITTEN.exec(value);
  if (!written) return 'malformed';
  const [, session, startedAt, run] = written;
  return session === key.slice(0, LENGTH) ? { startedAt: Number(startedAt), run } : undefined;
}

/**
 * The marker of the session with this key as one piece of text: express-session calls a function for each
 * value in a session, three times per request.
 */
export function markerText(key: string, { startedAt, run }: Marker): string {
  const marker = `${key.slice(0, LENGTH)}.${startedAt}`;
  return run === undefined ? marker : `${marker}.${run}`;
}
