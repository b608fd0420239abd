import type { Request } from 'express';
import type { Session, SessionData } from 'express-session';
import { type Marker, MARKER, markerText, parseMarker } from './marker.js';
import { isMemoryStore } from './memory-store.js';
import { CookieSnapshot, copyCookie, isUsableCookie, type SessionCookie } from './session-cookie.js';
import { holdsData, type LeftSession, type SessionContent, type SessionSetup } from './session-content.js';
import { sessionKey } from './session-key.js';
import { examineRow } from './store/row.js';
import type { SessionStore } from './store/session-store.js';
import type { StoreHooks } from './store/store-hooks.js';
import { takenStoreOf } from './store/taken-store.js';

export type { LeftSession, SessionContent, SessionSetup } from './session-content.js';

type Data = Record<string, unknown>;

/**
 * The session on a request: what express-session has done about it, and what it is now. Nothing outside of this folder
 * touches `req.session` and its like.
 */
export class HttpSession {
  /** What express-session did: it loaded the session, or made a new one. `unseen` if the store was not taken over. */
  origin: 'unseen' | 'loaded' | 'new' = 'unseen';
  /** The id that the request's cookie names. express-session has checked its signature. */
  presentedId: string | undefined;
  /** Why the session that the cookie names could not be read, if so. The request has a new one instead. */
  fault: string | undefined;
  /** The application that judges the request. */
  application: StoreHooks | undefined;
  /** What that application remembers of the request. */
  memory: unknown;
  private arrival: CookieSnapshot | undefined;
  private kept: SessionContent | undefined;
  private markerText: unknown;
  private known: { readonly id: string; readonly key: string } | undefined;
  private hidden: Pick<Request, 'session' | 'sessionID'> | undefined;

  constructor(readonly req: Request) {}

  /** Whether express-session has put a session on the request. */
  get exists(): boolean {
    return Boolean(this.req.session);
  }

  /** Whether somebody has destroyed the session. Who only takes it off the request (`delete req.session`) does not. */
  get isDestroyed(): boolean {
    return !this.exists && !this.hidden && takenStoreOf(this.req)?.hasDestroyed(this.req) === true;
  }

  /** The store that express-session has put on the request; `undefined` if it has not been at work. */
  get store(): SessionStore {
    return this.req.sessionStore;
  }

  /** Whether express-session has begun to look for the session and never put one on the request. */
  get isMissing(): boolean {
    return this.origin === 'unseen' && !this.exists && Boolean(this.store);
  }

  get id(): string {
    return this.req.sessionID;
  }

  /** What stands for the session in ledger, events and logs. */
  get key(): string {
    const { sessionID } = this.req;
    if (sessionID !== this.known?.id) this.known = { id: sessionID, key: sessionKey(sessionID) };
    return this.known.key;
  }

  /** The session's data, as the application sees it. */
  get data(): SessionContent {
    return this.req.session;
  }

  /** Whether the session holds anything of the application's. */
  get holdsData(): boolean {
    return holdsData(this.req.session);
  }

  /** What was loaded, if it was kept, as {@link keep} does. Otherwise the session as it is now. */
  get loaded(): Pick<HttpSession, 'data' | 'holdsData'> {
    const data = this.kept ?? this.data;
    return { data, holdsData: holdsData(data) };
  }

  /** Whether express-session can work with what the store gave it. It has been made sure of if the store is ours. */
  get isReadable(): boolean {
    return this.origin !== 'unseen' || isUsableCookie(this.req.session.cookie);
  }

  /** Whether the browser had the session's id before this request. */
  get isReused(): boolean {
    return this.presentedId !== undefined && this.presentedId === this.req.sessionID;
  }

  /** The cookie of the session that the request came with. */
  get arrivalCookie(): SessionCookie | undefined {
    return this.arrival?.cookie;
  }

  get cookie(): SessionCookie {
    return this.req.session.cookie;
  }

  /** Whether somebody has changed the session's cookie, which express-session stores when it touches a session. */
  get hasNewCookie(): boolean {
    return !this.arrival?.isOf(this.cookie);
  }

  /** What the session shows of express-session's settings. */
  get setup(): SessionSetup {
    const { originalMaxAge, sameSite, secure } = this.req.session.cookie;
    return { hasMemoryStore: isMemoryStore(this.req.sessionStore), maxAge: originalMaxAge, sameSite, secure };
  }

  /** express-session has put a session on the request for the first time. */
  arrive(origin: 'loaded' | 'new', presentedId: string | undefined, fault?: string): void {
    this.origin = origin;
    this.presentedId = presentedId;
    this.fault = fault;
    this.arrival = new CookieSnapshot(this.req.session.cookie);
    this.trust();
  }

  /**
   * Keeps a copy of what was loaded, for an application that looks at it later: what comes before it may sign somebody
   * in.
   */
  keep(row: unknown): void {
    if (typeof row === 'object' && row !== null) this.kept = JSON.parse(JSON.stringify(row)) as SessionContent;
  }

  /** Takes the marker of the session as it is now for right. */
  trust(): void {
    this.markerText = (this.req.session as unknown as Data)[MARKER];
  }

  /**
   * Finds out what express-session did about a request that came before its store was taken over.
   *
   * @param presentedId the id that the request's cookie seems to name
   */
  async learnOrigin(presentedId: string | undefined): Promise<void> {
    const { id } = this;
    const row = await takenStoreOf(this.req)
      ?.read(id)
      // Whoever had a session before must not pass for somebody new.
      .catch(() => true);
    if (!row) return this.arrive('new', presentedId);
    this.keep(row);
    this.arrive('loaded', id);
  }

  /** Finds out by which error no session is on the request. If the row is at fault, the request gets a new session. */
  async findFault(error: unknown): Promise<'in the row' | 'in the store' | 'elsewhere'> {
    const { id } = this;
    const store = takenStoreOf(this.req);
    if (!store || typeof id !== 'string') return 'elsewhere';
    if (store.hasFailedWith(error)) return 'in the store';
    const { row, fault, isAway } = await examineRow(store, id);
    if (fault !== undefined) {
      this.replace();
      this.arrive('new', id, fault);
      return 'in the row';
    }
    return isAway || row ? 'in the store' : 'elsewhere';
  }

  /**
   * The marker of this very session: `undefined` if it has none, or that of another session, which was
   * copied; `'malformed'` if what stands there cannot be one.
   */
  readMarker(key: string): Marker | 'malformed' | undefined {
    return parseMarker((this.req.session as unknown as Data)[MARKER], key);
  }

  /** Puts the marker of the session with this key into it; it is for the caller to save it. */
  writeMarker(key: string, marker: Marker): void {
    this.markerText = markerText(key, marker);
    (this.req.session as unknown as Data)[MARKER] = this.markerText;
  }

  /**
   * Undoes what an application has done to the cookie or the marker by accident, as one that stores what users send
   * does (`Object.assign(req.session, body)`).
   */
  repair(): void {
    const session = this.req.session as unknown as Data | undefined;
    if (!session) return;
    if (!isUsableCookie(session['cookie'])) session['cookie'] = this.arrivalCookie;
    if (session[MARKER] === this.markerText) return;
    if (this.markerText === undefined) delete session[MARKER];
    else session[MARKER] = this.markerText;
  }

  /** Writes the session to its store now, as it is. */
  async write(): Promise<void> {
    await takenStoreOf(this.req)?.write(this.req.sessionID, this.req.session as SessionData);
  }

  /** Deletes the row of a session, this one's or that of one before it, from the request's store. */
  async deleteRow(sessionId: string): Promise<void> {
    await takenStoreOf(this.req)?.delete(sessionId);
  }

  /**
   * Gives the request a session under a new id that holds `data`. As the response ends, express-session stores it and
   * sends a cookie, even if it is empty, unless it is hidden.
   */
  replace(data: Data = {}): void {
    takenStoreOf(this.req)?.generate(this.req);
    Object.assign(this.req.session, data);
    this.markerText = undefined;
  }

  /** Gives the session, with its data and its cookie's attributes, a new id. Returns the one it had. */
  move(): LeftSession {
    const left = { id: this.id, key: this.key, session: this.req.session };
    const { cookie, [MARKER]: _marker, ...data } = left.session as unknown as Data & Pick<Session, 'cookie'>;
    this.replace(data);
    copyCookie(cookie, this.req.session.cookie);
    return left;
  }

  /** Puts a session back that the request has left. */
  restore({ id, session }: LeftSession): void {
    this.req.sessionID = id;
    this.req.session = session;
    this.markerText = (session as unknown as Data)[MARKER];
  }

  /** Hides the session from express-session, so that it stores nothing and sends no cookie. */
  hide(): void {
    if (!this.exists) return;
    const { session, sessionID } = this.req;
    this.hidden = { session, sessionID };
    delete (this.req as Partial<Request>).session;
    delete (this.req as Partial<Request>).sessionID;
  }

  /** Puts back what was hidden, for whoever looks at the session afterwards, like an access log. */
  show(): void {
    if (!this.hidden) return;
    Object.assign(this.req, this.hidden);
    this.hidden = undefined;
  }
}
