import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../options/settings.js';
import { printable } from '../../../policy/identifier.js';
import type { AuditedRequest, AuditEntry } from '../../../policy/audit-entry.js';
import { callOut } from './call-out.js';

/** Longer texts are cut. An id of a user has at most 256 characters. */
const LONGEST = 512;

/** No request causes these. A request only finds out about them. */
const WITHOUT_REQUEST: ReadonlySet<AuditEntry['type']> = new Set(['expired', 'would-have-expired', 'ledger-failed']);

type Without<T, Names extends string> = T extends unknown ? Omit<T, Names> : never;

/** An entry without the fields that this class adds. */
export type AuditNote = Without<AuditEntry, 'at' | 'request'>;

/**
 * Passes entries to the option `audit`. This class knows which request causes an entry, although the code in between
 * does not pass the request on. This also works when an application ends a session by its hash.
 */
@Injectable()
export class AuditTrail implements OnApplicationShutdown {
  private readonly requests = new AsyncLocalStorage<() => AuditedRequest>();

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /** Does the work of a request. `describe` is called if an entry needs the request. */
  during<T>(describe: () => AuditedRequest, work: () => T): T {
    return this.requests.run(describe, work);
  }

  /** Until Node 22, each promise of the process takes longer while a storage is in use. */
  onApplicationShutdown(): void {
    this.requests.disable();
  }

  /** Passes an entry to the application. Does not wait for it. */
  record(note: AuditNote, at: number, describe = this.requests.getStore()): void {
    const { audit } = this.settings;
    if (!audit) return;
    const request = WITHOUT_REQUEST.has(note.type) ? undefined : describe?.();
    const entry = plain({ ...note, at, request }) as AuditEntry;
    void callOut(`The option audit failed; its entry "${note.type}" is lost`, () => audit(entry));
  }
}

/**
 * Returns a copy without fields that are `undefined`, and with texts that are safe in every log (OWASP ASVS 5.0,
 * 16.4.1).
 */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return printable(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
}
