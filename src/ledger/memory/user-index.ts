import { ShardedMap } from './sharded-map.js';

/** Finds the rows of a user. Almost all users have one row, which takes no array. */
export class UserIndex {
  // Ids of users may all end in the same domain.
  private readonly rows = new ShardedMap<number | number[]>(Infinity);

  rowsOf(user: string): readonly number[] {
    const rows = this.rows.get(user);
    return rows === undefined ? [] : typeof rows === 'number' ? [rows] : rows;
  }

  /** Does nothing if the row is there. */
  add(user: string, row: number): void {
    const rows = this.rowsOf(user);
    if (rows.length === 0) this.rows.set(user, row);
    else if (!rows.includes(row)) this.rows.set(user, [...rows, row]);
  }

  /** Does nothing if the row is not there. */
  delete(user: string, row: number): void {
    const left = this.rowsOf(user).filter((other) => other !== row);
    if (left.length === 0) this.rows.delete(user);
    else this.rows.set(user, left.length === 1 ? (left[0] as number) : left);
  }
}
