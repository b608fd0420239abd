import type { Request, Response } from 'express';
import { PlainSnapshot } from '../base/plain-snapshot.js';

type End = Response['end'];

/** That of the request on which express-session is about to begin a read. All of this happens in one turn. */
let latest: SparedEnd | undefined;

/**
 * Spares express-session most of its work at the end of a response. It serializes and hashes the session twice there, to
 * decide whether to save the session, or to touch its row. If the session is as it was loaded, and its row needs no
 * touch, it would do neither. So we take the id off the request meanwhile: without an id, it does not look any further.
 *
 * Functions of ours are on both sides of its `end`, so no other code sees the request without the id.
 */
export class SparedEnd {
  /** The id and the content of the session as it was loaded; `undefined` if express-session has to decide. */
  private loadedId: string | undefined;
  private loaded: PlainSnapshot | undefined;
  private isSpared: (() => boolean) | undefined;
  /** Whether the session has been written in this request. Then express-session compares with what was written. */
  isWritten = false;
  private hiddenId: string | undefined;
  private readonly inner: End;
  /** The `end` of express-session; `undefined` if nobody knows. */
  private wrapped: End | undefined;

  private constructor(
    private readonly req: Request,
    private readonly res: Response,
  ) {
    const { end } = res;
    this.inner = res.end = ((...args: unknown[]) => {
      this.show();
      return Reflect.apply(end, res, args) as Response;
    }) as End;
  }

  /** Comes just before express-session wraps the `end` of a request. */
  static begin(req: Request, res: Response): SparedEnd {
    return (latest = new SparedEnd(req, res));
  }

  /** Comes just after that, when it begins to read the session. */
  static noteRead(): void {
    if (latest) latest.wrapped = latest.res.end;
    latest = undefined;
  }

  /**
   * Comes when express-session has loaded the session.
   *
   * @param row what it has loaded, with which it compares the session
   * @param isSpared whether the row needs no touch at the end
   */
  expect(row: object, isSpared: () => boolean): void {
    const { req, res } = this;
    const { end } = res;
    // Other code may have wrapped `end` meanwhile, or express-session may have wrapped that of another object.
    if (end === this.inner || end !== this.wrapped) return;
    const loaded = snapshotOf(row);
    if (!loaded) return;
    // V8 would allocate one object for these as old, and keep the whole request until the next full collection.
    this.loadedId = req.sessionID;
    this.loaded = loaded;
    this.isSpared = isSpared;
    res.end = ((...args: unknown[]) => {
      if (this.isUnchanged) this.hide();
      this.leave();
      try {
        return Reflect.apply(end, res, args) as Response;
      } finally {
        this.show();
      }
    }) as End;
  }

  /** Leaves the decision to express-session, because another session is on the request now, or it has been written. */
  leave(): void {
    this.loadedId = this.loaded = this.isSpared = undefined;
  }

  noteWrite(): void {
    this.isWritten = true;
    this.leave();
  }

  private get isUnchanged(): boolean {
    const { loadedId, loaded } = this;
    const { session, sessionID } = this.req;
    if (loadedId === undefined || !loaded || !session || sessionID !== loadedId || session.id !== loadedId)
      return false;
    // express-session calls this while it decides.
    if (Object.hasOwn(session, 'touch')) return false;
    return this.isSpared?.() === true && isLike(session, loaded);
  }

  private hide(): void {
    const { req } = this;
    this.hiddenId = req.sessionID;
    // Deleting the property would make each later access to the request slower.
    (req as { sessionID: string | undefined }).sessionID = undefined;
  }

  private show(): void {
    if (this.hiddenId !== undefined) this.req.sessionID = this.hiddenId;
    this.hiddenId = undefined;
  }
}

/** Returns what express-session compares: it ignores the cookie. */
const comparable = (session: object) => ({ ...session, cookie: undefined });

/** Returns a snapshot of a row; `undefined` if the row is more than plain data, or is nested too deeply. */
function snapshotOf(row: object): PlainSnapshot | undefined {
  try {
    return new PlainSnapshot(comparable(row));
  } catch {
    return undefined;
  }
}

function isLike(session: object, loaded: PlainSnapshot): boolean {
  try {
    return loaded.isOf(comparable(session));
  } catch {
    return false;
  }
}
