import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../options/settings.js';
import { printable } from '../../../policy/identifier.js';
import type { AuditedRequest, AuditEntry } from '../../../policy/audit-entry.js';
import { callOut } from './call-out.js';

/** Longer texts are cut. An id of a user has at most 256 characters. */
const LONGEST = 512;

/** No request does these: one only finds out about them. */
const WITHOUT_REQUEST: ReadonlySet<AuditEntry['type']> = new Set(['expired', 'would-have-expired', 'ledger-failed']);

type Without<T, Names extends string> = T extends unknown ? Omit<T, Names> : never;

/** An entry as whoever makes it knows it. */
export type AuditNote = Without<AuditEntry, 'at' | 'request'>;

/**
 * Gives entries to the option `audit`. Which request does something is known here, however deep it happens and
 * although nobody passes the request on: also where an application ends a session by its hash.
 */
@Injectable()
export class AuditTrail {
  private readonly requests = new AsyncLocalStorage<() => AuditedRequest>();

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /** Does the work of a request. `describe` is called if an entry needs the request. */
  during<T>(describe: () => AuditedRequest, work: () => T): T {
    return this.requests.run(describe, work);
  }

  /** Gives an entry to the application. Nobody waits for it. */
  record(note: AuditNote, at: number, describe = this.requests.getStore()): void {
    const { audit } = this.settings;
    if (!audit) return;
    const request = WITHOUT_REQUEST.has(note.type) ? undefined : describe?.();
    const entry = plain({ ...note, at, request }) as AuditEntry;
    void callOut(`audit failed; it was to record "${note.type}"`, () => audit(entry));
  }
}

/** A copy without fields that are `undefined`, and with texts that every log can take (OWASP ASVS 5.0, 16.4.1). */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return printable(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}
