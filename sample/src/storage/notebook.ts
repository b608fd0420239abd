/** A note that a user wrote. */
export interface Note {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly writtenAt: number;
}

/** The notes of all users, newest first. */
export interface Notebook {
  add(user: string, note: Note): Promise<void>;
  of(user: string): Promise<readonly Note[]>;
}
