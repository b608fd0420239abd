/** How long a place is kept for a session that is not opened, and a mark for one without a record. */
const KEPT_FOR = 60_000;

/**
 * A session that has a place although it is not open yet, or that has given up its place and is still to be ended: by
 * the session that goes on in its place (`replaced`), or else by whoever finds it.
 */
export interface Mark {
  readonly state: 'claimed' | 'leaving' | 'replaced';
  readonly since: number;
}

/** What the ledger knows of a session that is marked. */
export type Marked = 'none' | 'open' | 'ended';

/** What cannot be read off the records of a user's sessions. Times are readings of one clock, in milliseconds. */
export class Places {
  private readonly users = new Map<string, Map<string, Mark>>();

  /** @param lookUp what the ledger knows of a session */
  constructor(private readonly lookUp: (key: string) => Marked) {}

  get isEmpty(): boolean {
    return this.users.size === 0;
  }

  markOf(user: string, key: string): Mark | undefined {
    return this.users.get(user)?.get(key);
  }

  /** The sessions of a user that are marked. A mark that means nothing any more is deleted first. */
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

  /** Notes that a session has been opened, so its record tells of its place. Returns whether it has given that up. */
  opened(user: string, key: string): boolean {
    const mark = this.markOf(user, key);
    if (mark?.state === 'claimed') this.delete(user, key);
    return mark?.state === 'leaving';
  }

  /** Deletes the marks that mean nothing any more. */
  sweep(now: number): void {
    for (const user of this.users.keys()) this.of(user, now);
  }

  private holds(key: string, { state, since }: Mark, now: number): boolean {
    const known = this.lookUp(key);
    return known === 'none' ? now - since < KEPT_FOR : known === 'open' && state !== 'claimed';
  }
}
