import type { Request } from 'express';

/** The name under which a tracked session carries its marker. */
export const MARKER = 'nestjs-session-timeout';

/**
 * What we leave in a session to know it again. It holds no times that are trusted while the ledger knows better.
 * It is short: express-session takes a hash of all that is in a session three times per request.
 */
export interface Marker {
  /** Of which session it is, see {@link markerFor}: copied to another session it says nothing. */
  readonly session: string;
  /** When the session started, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The run of the ledger that held the record; none for a shared ledger. */
  readonly run?: string | undefined;
}

/** Of a key's 256 bits, 96 tell sessions apart for good. */
const LENGTH = 16;

/** The marker of the session with this key. */
export function markerFor(key: string, startedAt: number, run: string | undefined): Marker {
  return { session: key.slice(0, LENGTH), startedAt, run };
}

/**
 * The marker of this very session: `undefined` if it has none (or that of another session),
 * `'malformed'` if what stands there cannot be one.
 */
export function readMarker(req: Request, key: string): Marker | 'malformed' | undefined {
  const value = (req.session as unknown as Record<string, unknown>)[MARKER];
  if (value === undefined) return undefined;
  if (!isMarker(value)) return 'malformed';
  return value.session === key.slice(0, LENGTH) ? value : undefined;
}

/** Puts the marker into the session; it is for the caller to save it. */
export function writeMarker(req: Request, marker: Marker): void {
  (req.session as unknown as Record<string, unknown>)[MARKER] = marker;
}

function isMarker(value: unknown): value is Marker {
  if (typeof value !== 'object' || value === null) return false;
  const { session, startedAt, run } = value as Record<string, unknown>;
  return typeof session === 'string' && Number.isFinite(startedAt) && (run === undefined || typeof run === 'string');
}
