import { setImmediate as nextTurn, setTimeout as passed } from 'node:timers/promises';
import { MemoryStore, type SessionData } from 'express-session';
import type { ActivityLedger, MemoryLedger } from '../../../src/index.js';

/** How long the ledger may take, in milliseconds. */
export const TIMEOUT = 50;
/** Longer than a ledger may take, and longer than this package waits for a store. */
const LATE = { ledger: 4 * TIMEOUT, store: 2200 };

/** What a call does that fails. */
export const FAILURES = ['fails', 'acts and fails', 'answers too late', 'acts too late', 'fails from then on'] as const;
export type Failure = (typeof FAILURES)[number];

export interface Fault {
  /** The number of the call, counted from 0. */
  readonly at: number;
  readonly how: Failure;
}

/** Counts the calls of the parts of one instance, and lets one of them fail, or all from then on. */
export class Faults {
  /** The calls since {@link arm}. */
  readonly calls: string[] = [];
  /** The names of the calls that have failed. */
  readonly failed = new Set<string>();
  private fault: Fault | undefined;
  private isArmed = false;

  arm(fault: Fault | undefined): void {
    this.fault = fault;
    this.isArmed = true;
  }

  /** Lets all calls succeed again. */
  disarm(): void {
    this.isArmed = false;
  }

  /** The call that has failed first. */
  get hit(): string | undefined {
    return this.fault && this.calls[this.fault.at];
  }

  async call<T>(part: 'ledger' | 'store', name: string, work: () => T | Promise<T>): Promise<T> {
    await nextTurn();
    const how = this.failureOf(`${part}.${name}`);
    if (how) this.failed.add(`${part}.${name}`);
    switch (how) {
      case undefined:
        return work();
      case 'acts and fails':
        await work();
        throw new Error('connection lost');
      case 'answers too late': {
        const answer = await work();
        await passed(LATE[part]);
        return answer;
      }
      case 'acts too late':
        await passed(LATE[part]);
        return work();
      case 'fails':
      case 'fails from then on':
        throw new Error('away');
    }
  }

  private failureOf(name: string): Failure | undefined {
    if (!this.isArmed) return undefined;
    const number = this.calls.push(name) - 1;
    const { at, how } = this.fault ?? { at: Infinity, how: undefined };
    return number === at || (number > at && how === 'fails from then on') ? how : undefined;
  }
}

/** A store of one instance over rows that others use, too. */
export class FaultyStore extends MemoryStore {
  declare sessions: Record<string, string>;

  constructor(
    private readonly faults: Faults,
    shared: object,
  ) {
    super();
    this.sessions = shared as Record<string, string>;
  }

  override get(id: string, callback: (error: unknown, row?: SessionData | null) => void): void {
    const work = () =>
      new Promise<SessionData | null | undefined>((resolve) => super.get(id, (_error: unknown, row) => resolve(row)));
    this.faults.call('store', 'get', work).then((row) => callback(null, row), callback);
  }

  override set(id: string, session: SessionData, callback?: (error?: unknown) => void): void {
    const row = JSON.parse(JSON.stringify(session)) as SessionData;
    const work = () => new Promise<void>((resolve) => super.set(id, row, () => resolve()));
    this.faults.call('store', 'set', work).then(() => callback?.(), callback ?? (() => {}));
  }

  override destroy(id: string, callback?: (error?: unknown) => void): void {
    const work = () => new Promise<void>((resolve) => super.destroy(id, () => resolve()));
    this.faults.call('store', 'destroy', work).then(() => callback?.(), callback ?? (() => {}));
  }
}

/** A ledger of one instance over the timelines of another ledger. */
export function faultyLedger(inner: MemoryLedger, faults: Faults): ActivityLedger {
  const call = <T>(name: string, work: () => T | Promise<T>) => faults.call('ledger', name, work);
  const { users } = inner;
  return {
    shared: inner.shared,
    runId: inner.runId,
    open: (...given) => call('open', () => inner.open(...given)),
    read: (key) => call('read', () => inner.read(key)),
    advance: (...given) => call('advance', () => inner.advance(...given)),
    end: (...given) => call('end', () => inner.end(...given)),
    users: {
      ofUser: (...given) => call('ofUser', () => users.ofUser(...given)),
      claim: (...given) => call('claim', () => users.claim(...given)),
      release: (...given) => call('release', () => users.release(...given)),
      due: (...given) => call('due', () => users.due(...given)),
      expire: (...given) => call('expire', () => users.expire(...given)),
    },
  };
}
