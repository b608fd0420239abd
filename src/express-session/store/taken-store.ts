import type { Request } from 'express';
import type { SessionData } from 'express-session';
import { chain, type MaybePromise } from '../../base/maybe-promise.js';
import { noop } from '../../base/noop.js';
import { RecentMap } from '../../base/recent-map.js';
import { readsText, writesTextAtOnce } from './known-store.js';
import { carryBack, copyForRequest, copyForStore } from './own-copy.js';
import { assertReplaceable, type OwnMethods, ownMethods } from './own-methods.js';
import { isGone, isMistakeIn } from './row.js';
import { RowUpdates } from './row-updates.js';
import { ask, type Method, REPLACED, type ReplacedMethod, type SessionStore } from './session-store.js';
import type { StoreHooks } from './store-hooks.js';

/** The methods that replace a store's own methods. */
export type Replacements = Record<ReplacedMethod, Method>;

/** What stood in a store before one of our methods was put there. */
interface Replaced {
  readonly method: Method;
  readonly property: PropertyDescriptor | undefined;
}

/** The result of a read. */
export interface Fetched {
  readonly sessionId: string;
  readonly row: SessionData | null | undefined;
  /** Why the row cannot be read, if this is so. */
  readonly fault: string | undefined;
  /** What the application began to read at the same time. */
  readonly ahead: unknown;
}

// The symbol is registered, so that two copies of the package in one process take a store over only once.
const TAKEN = Symbol.for('nestjs-session-timeout.store');

type WithTaken = SessionStore & { [TAKEN]?: TakenStore };

/**
 * A session store whose methods are replaced in place, once, for all applications that use it. Nothing is created per
 * request, and everything else stays as it is. The last application that leaves restores the methods.
 */
export class TakenStore {
  /** The store's own methods, with the wrappers of other code. */
  readonly own: OwnMethods;
  /** Whether the store has not said that it is disconnected. */
  isConnected = true;
  /** The row that a callback is receiving right now. */
  arriving: Fetched | undefined;
  readonly updates = new RowUpdates(this);
  /** The ids of the sessions that the application has recently destroyed. */
  readonly destroyed = new RecentMap<string, true>(10_000);
  private readsText = false;
  private writesTextAtOnce = false;
  private readonly failures = new WeakSet<object>();
  private readonly replacements: Replacements;
  /** Our methods that are in use. */
  private readonly ours: Partial<Replacements> = {};
  /** Each method that we have put into the store, and what stood there before. */
  private readonly before = new WeakMap<Method, Replaced>();
  /** The applications that use the store. */
  applications: readonly StoreHooks[] = [];
  private readonly onDisconnect = () => void (this.isConnected = false);
  private readonly onConnect = () => void (this.isConnected = true);

  /** @throws Error if the store cannot be changed */
  constructor(
    readonly store: SessionStore,
    replacements: (taken: TakenStore) => Replacements,
  ) {
    assertReplaceable(store);
    this.own = ownMethods(store);
    this.replacements = replacements(this);
    this.replaceAll();
    Object.defineProperty(store, TAKEN, { value: this, configurable: true });
    store.on('disconnect', this.onDisconnect);
    store.on('connect', this.onConnect);
  }

  /** Whether somebody has destroyed the session that was on a request. */
  hasDestroyed(req: Request): boolean {
    // If other code has replaced the method, only the request shows this.
    const isSeen = this.store.destroy === this.ours.destroy;
    return isSeen ? this.destroyed.get(req.sessionID) === true : !('session' in req);
  }

  /** Remembers an error of the store: one that a read has ended with, or a write of ours. */
  noteFailure(error: unknown): void {
    if (typeof error === 'object' && error !== null) this.failures.add(error);
  }

  /** Whether this very error is known as an error of the store. */
  hasFailedWith(error: unknown): boolean {
    return this.failures.has(error as object);
  }

  /** The application that uses the store, if there is only one. */
  get onlyApplication(): StoreHooks | undefined {
    return this.applications.length === 1 ? this.applications[0] : undefined;
  }

  /** The application that a request has come to, if this is known. */
  applicationOf(req: Request): StoreHooks | undefined {
    return this.onlyApplication ?? this.applications.find((application) => application.serves(req));
  }

  /** Whether something is true for one of the applications. Usually, there is only one application. */
  ofAny(holds: (application: StoreHooks) => MaybePromise<boolean>): MaybePromise<boolean> {
    let result: MaybePromise<boolean> = false;
    for (const application of this.applications) result = chain(result, (is) => is || holds(application));
    return result;
  }

  isEnded(sessionId: string): MaybePromise<boolean> {
    return this.ofAny((application) => application.isEnded(sessionId));
  }

  join(application: StoreHooks): void {
    this.replaceAll();
    if (!this.applications.includes(application)) this.applications = [...this.applications, application];
  }

  /** The last application to leave restores the methods of the store. */
  leave(application: StoreHooks): void {
    this.applications = this.applications.filter((other) => other !== application);
    if (this.applications.length === 0) this.giveBack();
  }

  /** Reads the row for this id, which express-session may be unable to use. */
  async read(sessionId: string): Promise<unknown> {
    return this.forRequest(await ask(this.store, this.method('get'), sessionId));
  }

  async write(sessionId: string, session: SessionData): Promise<void> {
    const { given, hasTaken } = this.forStore(session);
    try {
      const written = ask(this.store, this.method('set'), sessionId, given);
      hasTaken();
      await written;
    } catch (thrown) {
      // Some stores call back with a text, which nobody could recognise later.
      const error = thrown instanceof Object ? thrown : new Error(String(thrown));
      if (!isMistakeIn(session, error)) this.noteFailure(error);
      throw error;
    }
  }

  /** Returns a row that no other request has. */
  forRequest<T>(row: T): T {
    return this.readsText || typeof row !== 'object' || row === null ? row : copyForRequest(row);
  }

  /** Returns a session that the application cannot change any more. Call `hasTaken()` when the store has got it. */
  forStore<T extends object>(session: T): { readonly given: T; readonly hasTaken: () => void } {
    if (this.writesTextAtOnce) return { given: session, hasTaken: noop };
    const given = copyForStore(session);
    return { given, hasTaken: carryBack(given, session) };
  }

  async delete(sessionId: string): Promise<void> {
    try {
      await ask(this.store, this.method('destroy'), sessionId);
    } catch (error) {
      if (!(await isGone(this, sessionId, error))) throw error;
    }
  }

  /** Puts a session with a new id on a request. */
  generate(req: Request): void {
    Reflect.apply(this.method('generate'), this.store, [req]);
  }

  /** Returns the store's own method, or the method by which other code has replaced ours. */
  private method(name: 'get' | 'set' | 'destroy' | 'generate'): Method {
    const method = this.store[name] as Method;
    return method === this.ours[name] ? this.own[name] : method;
  }

  /**
   * Puts our methods into the store. Other code may have put others there since the last time. It may wrap a method, and
   * pass on a copy of the session. And each middleware of express-session gives the store another `generate`.
   */
  private replaceAll(): void {
    for (const name of REPLACED) {
      if (this.own[name] && this.store[name] !== this.ours[name]) this.replace(name, this.store[name] as Method);
    }
  }

  private replace(name: ReplacedMethod, found: Method): void {
    const earlier = this.before.get(found);
    const { method, property } = earlier ?? {
      method: found,
      property: Object.getOwnPropertyDescriptor(this.store, name),
    };
    this.own[name] = method;
    this.readsText = readsText(this.store, this.own.get);
    this.writesTextAtOnce = writesTextAtOnce(this.store, this.own.set);
    // The wrapper around one of ours is gone.
    if (earlier) return void (this.ours[name] = found);
    const ours = this.ourMethod(name, method);
    this.before.set(ours, { method, property });
    this.ours[name] = ours;
    Object.defineProperty(this.store, name, {
      value: ours,
      writable: true,
      configurable: true,
      enumerable: property?.enumerable ?? false,
    });
  }

  /** Returns a method that does our work. If other code has wrapped it, our work is done around the wrapper. */
  private ourMethod(name: ReplacedMethod, method: Method): Method {
    const { ours } = this;
    const work = this.replacements[name];
    const own = function (this: unknown, ...args: unknown[]): unknown {
      return Reflect.apply(ours[name] === own ? work : method, this, args);
    };
    const {
      length: _length,
      name: _name,
      prototype: _prototype,
      ...others
    } = Object.getOwnPropertyDescriptors(method as Method & { prototype?: unknown });
    return Object.defineProperties(own, others);
  }

  /** Restores the methods. Wrappers of other code around a replaced method stay. */
  private giveBack(): void {
    for (const name of REPLACED) {
      const ours = this.ours[name];
      if (!ours || this.store[name] !== ours) continue;
      const property = this.before.get(ours)?.property;
      if (property) Object.defineProperty(this.store, name, property);
      else delete (this.store as Partial<SessionStore>)[name];
    }
    delete (this.store as WithTaken)[TAKEN];
    this.store.off?.('disconnect', this.onDisconnect);
    this.store.off?.('connect', this.onConnect);
  }
}

/** Returns the taken-over store of this store, if it has been taken over. */
export function takenStore(store: SessionStore | undefined): TakenStore | undefined {
  return (store as WithTaken | undefined)?.[TAKEN];
}

/** Returns the taken-over store of a request. */
export function takenStoreOf(req: Request): TakenStore | undefined {
  return takenStore(req.sessionStore);
}
