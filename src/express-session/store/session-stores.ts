import type { Application, Express, Request } from 'express';
import { mountedSession } from '../mounted-session.js';
import { presentsSignedCookie } from '../presented-cookie.js';
import { watchForStores } from './first-sight.js';
import type { SessionStore } from './session-store.js';
import { takeOver } from './store-takeover.js';
import type { StoreHooks } from './store-hooks.js';
import type { TakenStore } from './taken-store.js';

/** The session stores that an application uses, taken over at first sight. */
export class SessionStores {
  private readonly taken = new Set<TakenStore>();
  /** The watched Express applications, with functions that stop watching. */
  private readonly watched = new Map<Express, () => void>();

  constructor(private readonly application: StoreHooks) {}

  /** Whether any request has had a session so far. */
  get areKnown(): boolean {
    return this.taken.size > 0;
  }

  /**
   * Whether a request without a session should have one: it has a session cookie, and its store is disconnected, so
   * that express-session provides no session. Otherwise, express-session is not mounted for the path of the request.
   */
  lacksSession(req: Request): boolean {
    const isAway = this.areKnown ? this.isAnyDisconnected : mountedSession(req) === 'everywhere';
    return isAway && presentsSignedCookie(req);
  }

  /** Whether a store has said that it is disconnected. */
  get isAnyDisconnected(): boolean {
    return [...this.taken].some(({ isConnected }) => !isConnected);
  }

  /**
   * Takes a store over, unless this has been done.
   *
   * @throws Error if the store cannot be changed
   */
  take(store: SessionStore): void {
    this.taken.add(takeOver(store, this.application));
  }

  /**
   * Takes each store over as soon as express-session shows it. The application may be mounted in another one, which may
   * have mounted express-session, and has routes of its own.
   */
  watch(app: Express): void {
    if (this.watched.has(app)) return;
    const stop = watchForStores(app.request, (store) => this.take(store));
    const onMount = (outer: Application) => this.watch(outer as Express);
    app.on('mount', onMount);
    this.watched.set(app, () => {
      app.off('mount', onMount);
      stop();
    });
    const { parent } = app as { readonly parent?: Express };
    if (parent) this.watch(parent);
  }

  /** Whether a request has come to a watched Express application. */
  serves(req: Request): boolean {
    return [...this.watched.keys()].some(({ request }) => Object.prototype.isPrototypeOf.call(request, req));
  }

  /** Restores the methods of the stores when the application closes. */
  release(): void {
    for (const stop of this.watched.values()) stop();
    this.watched.clear();
    for (const store of this.taken) store.leave(this.application);
    this.taken.clear();
  }
}
