import { IsOptional, IsString, Matches, MaxLength, validateSync } from 'class-validator';
import { decodeIdleFor, REPORT_PATTERN } from '../wire/activity-report.js';

/** The query of the ping. */
export class PingQuery {
  /** Seconds since the last activity that the browser saw. Without it, the ping only asks for the status. */
  @IsOptional()
  @Matches(REPORT_PATTERN)
  readonly idleFor?: unknown;

  /** The tag of the session that the report is about. */
  @IsOptional()
  @IsString()
  @MaxLength(64)
  readonly session?: unknown;

  constructor({ idleFor, session }: { idleFor?: unknown; session?: unknown }) {
    this.idleFor = idleFor;
    this.session = session;
  }
}

/** The report of a browser. */
export type Report =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'activity'; readonly idleFor: number; readonly session: string | undefined };

/** The texts that a nonce may be. */
export const NONCE = /^[\w.-]{1,64}$/;

/** Returns the nonce of a ping, which the answer repeats; `undefined` if there is none, or if it is not plain text. */
export function nonceOf({ n }: Record<string, unknown>): string | undefined {
  return typeof n === 'string' && NONCE.test(n) ? n : undefined;
}

/** Reads the report from the query of a ping. `idleFor` is in milliseconds. */
export function reportOf(query: Record<string, unknown>): Report {
  const ping = new PingQuery(query);
  if (ping.idleFor === undefined) return { kind: 'none' };
  const idleFor = decodeIdleFor(ping.idleFor);
  if (idleFor === undefined || validateSync(ping).length > 0) return { kind: 'malformed' };
  return { kind: 'activity', idleFor, session: ping.session as string | undefined };
}
