import { ShardedMap } from './sharded-map.js';

/** Finds the rows of a user. Almost all users have one row, which needs no array. */
export class UserIndex {
  // Ids of users may all end in the same domain.
  private readonly rows = new ShardedMap<number | number[]>(Infinity);

  /** @param isOpen whether a row is still wanted; other rows are removed when the next row of the user is added */
  constructor(private readonly isOpen: (row: number) => boolean) {}

  /** Returns the wanted rows of a user. */
  rowsOf(user: string): number[] {
    return this.allOf(user).filter((row) => this.isOpen(row));
  }

  /** Adds a row. Does nothing if it is there. */
  add(user: string, row: number): void {
    const others = this.rowsOf(user).filter((other) => other !== row);
    this.rows.set(user, others.length === 0 ? row : [...others, row]);
  }

  /** Deletes a row. Does nothing if it is not there. */
  delete(user: string, row: number): void {
    const rows = this.rows.get(user);
    if (rows === undefined) return;
    const left = this.allOf(user).filter((other) => other !== row);
    if (left.length === 0) this.rows.delete(user);
    else this.rows.set(user, left.length === 1 ? (left[0] as number) : left);
  }

  private allOf(user: string): number[] {
    const rows = this.rows.get(user);
    return rows === undefined ? [] : typeof rows === 'number' ? [rows] : rows;
  }
}
