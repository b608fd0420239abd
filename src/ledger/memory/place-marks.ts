import { CLAIM_HOLDS_FOR } from '../user-sessions.js';

/**
 * Marks a session that has a place but is not open yet, or that has given up its place and has not ended yet. The
 * session that replaces it ends it, or else the next caller that finds it.
 */
export interface Mark {
  readonly state: 'claimed' | 'leaving' | 'replaced';
  readonly since: number;
}

/** What the ledger knows about a marked session. */
export type Marked = 'none' | 'open' | 'ended';

/**
 * The marks of places: what the records of a user's sessions do not contain. Times are readings of one clock, in
 * milliseconds.
 */
export class PlaceMarks {
  private readonly users = new Map<string, Map<string, Mark>>();

  /** @param lookUp returns what the ledger knows about a session */
  constructor(private readonly lookUp: (key: string) => Marked) {}

  get isEmpty(): boolean {
    return this.users.size === 0;
  }

  markOf(user: string, key: string): Mark | undefined {
    return this.users.get(user)?.get(key);
  }

  /** Returns the marked sessions of a user. Deletes obsolete marks first. */
  of(user: string, now: number): ReadonlyMap<string, Mark> {
    const marks = this.users.get(user) ?? new Map<string, Mark>();
    for (const [key, mark] of marks) if (!this.holds(key, mark, now)) this.delete(user, key);
    return marks;
  }

  set(user: string, key: string, mark: Mark): void {
    const marks = this.users.get(user);
    if (marks) marks.set(key, mark);
    else this.users.set(user, new Map([[key, mark]]));
  }

  delete(user: string, key: string): void {
    const marks = this.users.get(user);
    if (marks?.delete(key) && marks.size === 0) this.users.delete(user);
  }

  /**
   * Notes that a session has been opened, so its record shows that it has a place. Returns whether it has given up its
   * place.
   */
  opened(user: string, key: string): boolean {
    const mark = this.markOf(user, key);
    if (mark?.state === 'claimed') this.delete(user, key);
    return mark?.state === 'leaving';
  }

  /** Deletes obsolete marks. */
  prune(now: number): void {
    for (const user of this.users.keys()) this.of(user, now);
  }

  private holds(key: string, { state, since }: Mark, now: number): boolean {
    const known = this.lookUp(key);
    return known === 'none' ? now - since < CLAIM_HOLDS_FOR : known === 'open' && state !== 'claimed';
  }
}
