import { MARKER } from './marker.js';

/** The correct marker of the session on a request, in case the application overwrites it. */
export class TrustedMarker {
  /** The marker that belongs in the stored row. */
  private stored: unknown;
  /** The marker that the session on the request may have until it is saved. */
  private present: unknown;

  /** Remembers the current marker of a session as the correct one. */
  trust(session: object): void {
    this.stored = this.present = (session as Record<string, unknown>)[MARKER];
  }

  /** Remembers a marker that is only in the stored row so far. */
  expect(stored: string): void {
    this.stored = stored;
  }

  /**
   * Corrects the marker of a session.
   *
   * @param isSaved whether the session is about to be saved
   */
  repair(session: object, isSaved: boolean): void {
    const fields = session as Record<string, unknown>;
    const found = fields[MARKER];
    if (found === this.stored || (found === this.present && !isSaved)) return;
    if (this.stored === undefined) delete fields[MARKER];
    else fields[MARKER] = this.stored;
  }
}
