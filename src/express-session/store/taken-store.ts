import type { Request } from 'express';
import type { SessionData } from 'express-session';
import { RecentMap } from '../recent-map.js';
import { isSound } from './row.js';
import { ask, type Method, REPLACED, type ReplacedMethod, type SessionStore } from './session-store.js';
import type { StoreHooks } from './store-hooks.js';

/** The own methods of a store. `touch` is optional. */
export type OwnMethods = Record<Exclude<ReplacedMethod, 'touch'>, Method> & { readonly touch?: Method };

/** The methods that replace a store's own methods. */
export type Replacements = Record<ReplacedMethod, Method>;

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
  /** The store's own methods. */
  own: OwnMethods;
  /** Whether the store has not said that it is disconnected. */
  isConnected = true;
  /** The row that a callback is receiving right now. */
  arriving: Fetched | undefined;
  /** The ids of the sessions that the application has recently destroyed. */
  readonly destroyed = new RecentMap<string, true>(10_000);
  private readonly failures = new WeakSet<object>();
  private replaced: Replacements;
  private readonly properties = new Map<ReplacedMethod, PropertyDescriptor | undefined>();
  /** The applications that use the store. */
  applications: readonly StoreHooks[] = [];
  private readonly onDisconnect = () => void (this.isConnected = false);
  private readonly onConnect = () => void (this.isConnected = true);

  /** @throws Error if the store cannot be changed */
  constructor(
    readonly store: SessionStore,
    private readonly replacements: (taken: TakenStore) => Replacements,
  ) {
    assertReplaceable(store);
    this.own = ownMethods(store);
    this.replaced = replacements(this);
    for (const name of REPLACED) if (this.own[name]) this.replace(name);
    Object.defineProperty(store, TAKEN, { value: this, configurable: true });
    store.on('disconnect', this.onDisconnect);
    store.on('connect', this.onConnect);
  }

  /** Whether somebody has destroyed the session that was on a request. */
  hasDestroyed(req: Request): boolean {
    // If other code has replaced the method, only the request shows this.
    const isSeen = this.store.destroy === this.replaced.destroy;
    return isSeen ? this.destroyed.get(req.sessionID) === true : !('session' in req);
  }

  /** Remembers the error that a read of the store has ended with. */
  noteFailure(error: unknown): void {
    if (typeof error === 'object' && error !== null) this.failures.add(error);
  }

  /** Whether a read of the store has ended with this very error. */
  hasFailedWith(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.failures.has(error);
  }

  /** The application that uses the store, if there is only one. */
  get onlyApplication(): StoreHooks | undefined {
    return this.applications.length === 1 ? this.applications[0] : undefined;
  }

  join(application: StoreHooks): void {
    if (this.store.generate !== this.replaced.generate) this.replaceGenerate();
    if (this.applications.includes(application)) return;
    this.applications = [...this.applications, application];
  }

  /** The last application to leave restores the methods of the store. */
  leave(application: StoreHooks): void {
    this.applications = this.applications.filter((other) => other !== application);
    if (this.applications.length === 0) this.giveBack();
  }

  /** Reads the row for this id, which express-session may be unable to use. */
  read(sessionId: string): Promise<unknown> {
    return ask(this.store, this.method('get'), sessionId);
  }

  write(sessionId: string, session: SessionData): Promise<unknown> {
    return ask(this.store, this.method('set'), sessionId, session);
  }

  /** Sets fields of a row, and leaves the others as they are in the store. Does nothing if there is no row. */
  async update(sessionId: string, fields: object): Promise<void> {
    const row = await this.read(sessionId);
    if (!isSound(row)) return;
    // Stores expect a session, whose cookie says how long to keep the row. The expiry in the row may have passed,
    // because touches do not change it.
    const holder = { sessionID: sessionId } as Request;
    Reflect.apply(this.own.createSession, this.store, [holder, row]);
    holder.session.touch();
    await this.write(sessionId, Object.assign(holder.session, fields) as SessionData);
  }

  delete(sessionId: string): Promise<unknown> {
    return ask(this.store, this.method('destroy'), sessionId);
  }

  /** Puts a session with a new id on a request. */
  generate(req: Request): void {
    Reflect.apply(this.method('generate'), this.store, [req]);
  }

  /** Returns the store's own method, or the method by which other code has replaced ours. */
  private method(name: 'get' | 'set' | 'destroy' | 'generate'): Method {
    const method = this.store[name] as Method;
    return method === this.replaced[name] ? this.own[name] : method;
  }

  private replace(name: ReplacedMethod): void {
    const before = Object.getOwnPropertyDescriptor(this.store, name);
    this.properties.set(name, before);
    const {
      length: _length,
      name: _name,
      prototype: _prototype,
      ...others
    } = Object.getOwnPropertyDescriptors(this.own[name] as Method & { prototype?: unknown });
    Object.defineProperties(this.replaced[name], others);
    Object.defineProperty(this.store, name, {
      value: this.replaced[name],
      writable: true,
      configurable: true,
      enumerable: before?.enumerable ?? false,
    });
  }

  /** Each middleware of express-session gives the store another `generate`, also long after the first one. */
  private replaceGenerate(): void {
    this.own = { ...this.own, generate: this.store.generate as Method };
    this.replaced = { ...this.replaced, generate: this.replacements(this).generate };
    this.replace('generate');
  }

  /** Restores the methods. Wrappers of other code around a replaced method stay. */
  private giveBack(): void {
    for (const [name, before] of this.properties) {
      if (this.store[name] !== this.replaced[name]) continue;
      if (before) Object.defineProperty(this.store, name, before);
      else delete (this.store as Partial<SessionStore>)[name];
    }
    delete (this.store as WithTaken)[TAKEN];
    this.store.off?.('disconnect', this.onDisconnect);
    this.store.off?.('connect', this.onConnect);
  }
}

/** Checks this before anything is replaced, so that a store is taken over completely or not at all. */
function assertReplaceable(store: SessionStore): void {
  if (!Object.isExtensible(store)) {
    throw new Error(
      'The session store is frozen or sealed. Do not freeze or seal it: its methods have to be replaced.',
    );
  }
  for (const name of REPLACED) {
    if (Object.getOwnPropertyDescriptor(store, name)?.configurable === false) {
      throw new Error(`The method "${name}" of the session store cannot be replaced. Make it configurable.`);
    }
  }
}

function ownMethods(store: SessionStore): OwnMethods {
  const methods = Object.fromEntries(
    REPLACED.flatMap((name) => {
      const method: unknown = store[name];
      return typeof method === 'function' ? [[name, method as Method]] : [];
    }),
  );
  return methods as OwnMethods;
}

/** Returns the taken-over store of this store, if it has been taken over. */
export function takenStore(store: SessionStore | undefined): TakenStore | undefined {
  return (store as WithTaken | undefined)?.[TAKEN];
}

/** Returns the taken-over store of a request. */
export function takenStoreOf(req: Request): TakenStore | undefined {
  return takenStore(req.sessionStore);
}
