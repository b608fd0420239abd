import type { Request } from 'express';
import type { Session, SessionData } from 'express-session';
import { type Marker, MARKER, markerText, parseMarker } from './marker.js';
import { CookieSnapshot, copyCookie, isUsableCookie, mayBeSecure, type SessionCookie } from './session-cookie.js';
import { holdsData, type LeftSession, type SessionContent } from './session-content.js';
import { sessionKey } from './session-key.js';
import type { SparedEnd } from './spared-end.js';
import { examineRow } from './store/row.js';
import type { SessionStore } from './store/session-store.js';
import type { StoreHooks } from './store/store-hooks.js';
import { takenStoreOf } from './store/taken-store.js';
import { TrustedMarker } from './trusted-marker.js';

type Data = Record<string, unknown>;

/**
 * The session on a request: what express-session has done with it, and its current state. No code outside of this
 * folder uses `req.session` or similar properties.
 */
export class HttpSession {
  /** Whether express-session loaded the session or made a new one; `unseen` if the store was not taken over yet. */
  origin: 'unseen' | 'loaded' | 'new' = 'unseen';
  /** The id that the request's cookie names. express-session has checked its signature. */
  presentedId: string | undefined;
  /** The latest id that express-session has made for this request. Nobody else knows it. */
  newId: string | undefined;
  /** Why the session in the cookie could not be read, if this is so. The request has a new session instead. */
  fault: string | undefined;
  /** The application that judges the request. */
  application: StoreHooks | undefined;
  /** What that application remembers about the request. */
  memory: unknown;
  /** What spares express-session its work at the end; `undefined` if it cannot. */
  sparedEnd: SparedEnd | undefined;
  private arrival: CookieSnapshot | undefined;
  private kept: SessionContent | undefined;
  private readonly marker = new TrustedMarker();
  private known: { readonly id: string; readonly key: string } | undefined;
  private hiddenId: string | undefined;

  constructor(readonly req: Request) {}

  /** Whether there is a session on the request. express-session ignores its own without an id, as when it is hidden. */
  get exists(): boolean {
    return Boolean(this.req.session) && (typeof this.id === 'string' || !this.store);
  }

  /** Whether the session has been destroyed. `delete req.session` only takes it off the request. */
  get isDestroyed(): boolean {
    return !this.req.session && takenStoreOf(this.req)?.hasDestroyed(this.req) === true;
  }

  /** The store of the request; `undefined` if express-session has not run. */
  get store(): SessionStore {
    return this.req.sessionStore;
  }

  /** Whether express-session has begun to look for the session, but has never put a session on the request. */
  get isMissing(): boolean {
    return this.origin === 'unseen' && !this.exists && Boolean(this.store);
  }

  get id(): string {
    return this.req.sessionID;
  }

  /** The hash that names the session in the ledger, in events and in logs. */
  get key(): string {
    const { sessionID } = this.req;
    if (sessionID !== this.known?.id) this.known = { id: sessionID, key: sessionKey(sessionID) };
    return this.known.key;
  }

  /** The session's data, as the application sees it. */
  get data(): SessionContent {
    return this.req.session;
  }

  /** Whether the session contains data of the application. */
  get holdsData(): boolean {
    return holdsData(this.req.session);
  }

  /** The session as it was loaded, if {@link keep} has kept it. Otherwise, the session as it is now. */
  get loaded(): SessionContent {
    return this.kept ?? this.data;
  }

  /** Whether express-session can work with the row. If the store was taken over, this was checked before. */
  get isReadable(): boolean {
    return this.origin !== 'unseen' || isUsableCookie(this.req.session.cookie);
  }

  /** Whether others may know the session's id: it comes from the cookie, or from elsewhere, such as a header. */
  get isReused(): boolean {
    const { sessionID } = this.req;
    if (sessionID === undefined) return false;
    return sessionID === this.presentedId || (this.origin !== 'unseen' && sessionID !== this.newId);
  }

  /** The cookie of the session that the request came with. */
  get arrivalCookie(): SessionCookie | undefined {
    return this.arrival?.restored();
  }

  get cookie(): SessionCookie {
    return this.req.session.cookie;
  }

  /** Whether somebody has changed the session's cookie, which express-session stores when it touches a session. */
  get hasNewCookie(): boolean {
    return !this.arrival?.isOf(this.cookie);
  }

  /** Notes that express-session has put a session on the request for the first time. */
  arrive(origin: 'loaded' | 'new', presentedId: string | undefined, fault?: string): void {
    this.origin = origin;
    this.presentedId = presentedId;
    this.fault = fault;
    this.arrival = new CookieSnapshot(this.req.session.cookie);
    if (origin === 'new') this.newId = this.req.sessionID;
    this.trust();
  }

  /** Keeps a copy of the loaded row, to look at it later. Code that runs before may sign somebody in. */
  keep(row: unknown): void {
    if (typeof row === 'object' && row !== null) this.kept = JSON.parse(JSON.stringify(row)) as SessionContent;
  }

  /** Remembers the current marker of the session as the correct one. */
  trust(): void {
    this.marker.trust(this.req.session);
  }

  /**
   * Finds out what express-session did with a request that came before its store was taken over.
   *
   * @param presentedId the session id in the cookie of the request, unverified
   */
  async learnOrigin(presentedId: string | undefined): Promise<void> {
    const { id } = this;
    // If the read fails, a browser that had a session before must not count as new.
    const store = takenStoreOf(this.req);
    const row = await store?.read(id).catch(() => true);
    if (!row) return this.arrive('new', presentedId);
    this.keep(row);
    this.arrive('loaded', id);
  }

  /** Finds out by which error no session is on the request. If the row is at fault, the request gets a new session. */
  async findFault(error: unknown): Promise<'in the row' | 'in the store' | 'elsewhere'> {
    const store = takenStoreOf(this.req);
    const { id } = this;
    if (!store || typeof id !== 'string') return 'elsewhere';
    if (store.hasFailedWith(error)) return 'in the store';
    const { row, fault, isAway } = await examineRow(store, id);
    if (fault === undefined) return isAway || row ? 'in the store' : 'elsewhere';
    this.replace();
    this.arrive('new', id, fault);
    return 'in the row';
  }

  /** Whether this error is one of the store, and not of other code. */
  isOfStore(error: unknown): boolean {
    return takenStoreOf(this.req)?.hasFailedWith(error) === true;
  }

  /** Returns the marker of this session, as {@link parseMarker} reads it. */
  readMarker(key: string): Marker | 'malformed' | undefined {
    return parseMarker((this.req.session as unknown as Data)[MARKER], key);
  }

  /** Puts a marker for this key into the session. The caller has to save the session. */
  writeMarker(key: string, marker: Marker): void {
    (this.req.session as unknown as Data)[MARKER] = markerText(key, marker);
    this.trust();
  }

  /**
   * Puts a marker into the row as it is now, because other requests may have changed it. The session on the request gets
   * it when it is saved. Otherwise, express-session would save the whole session.
   */
  async markRow(key: string, marker: Marker): Promise<void> {
    const text = markerText(key, marker);
    this.marker.expect(text);
    await takenStoreOf(this.req)?.updates.update(this.req.sessionID, { [MARKER]: text });
  }

  /** Repairs the cookie or the marker if it was overwritten by accident, as with `Object.assign(req.session, body)`. */
  repair({ isSaved = false } = {}): void {
    const { session } = this.req;
    if (!session) return;
    if (!isUsableCookie(session.cookie)) Object.assign(session, { cookie: this.arrivalCookie });
    this.marker.repair(session, isSaved);
  }

  /** Writes the session to its store now. Touches do not change the expiry in the row, so it may have passed. */
  async write(): Promise<void> {
    this.repair({ isSaved: true });
    this.req.session.touch();
    await takenStoreOf(this.req)?.updates.write(this.req.sessionID, this.req.session as SessionData);
  }

  /** Deletes the row of this session or of an earlier one from the store of the request. */
  async deleteRow(sessionId: string): Promise<void> {
    await takenStoreOf(this.req)?.delete(sessionId);
  }

  /**
   * Gives the request a session with a new id and this data. When the response ends, express-session stores the session
   * and sends a cookie, even if the session is empty, unless it is hidden.
   */
  replace(data: Data = {}): void {
    takenStoreOf(this.req)?.generate(this.req);
    this.newId = this.req.sessionID;
    Object.assign(this.req.session, data);
    this.trust();
  }

  /** Gives the session a new id. It keeps its data and the attributes of its cookie. Returns the old session. */
  move(): LeftSession {
    this.repair();
    const left = { id: this.id, key: this.key, session: this.req.session, wasNew: this.id === this.newId };
    const { cookie, [MARKER]: _marker, ...data } = left.session as unknown as Data & Pick<Session, 'cookie'>;
    this.replace(data);
    copyCookie(cookie, this.req.session.cookie, mayBeSecure(this.req));
    return left;
  }

  /** Puts back a session that the request has left. */
  restore({ id, session, wasNew }: LeftSession): void {
    Object.assign(this.req, { sessionID: id, session });
    if (wasNew) this.newId = id;
    this.trust();
  }

  /** Hides the session from express-session, which does nothing without its id. Access logs may still read the session. */
  hide(): void {
    if (!this.exists) return;
    this.repair();
    this.hiddenId = this.req.sessionID;
    delete (this.req as Partial<Request>).sessionID;
  }

  /** Ends {@link hide}. */
  show(): void {
    if (this.hiddenId !== undefined) this.req.sessionID = this.hiddenId;
    this.hiddenId = undefined;
  }
}
