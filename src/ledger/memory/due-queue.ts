/** Numbers per block. Blocks are added one by one, because copying a big array stops the process for a long time. */
const BLOCK_BITS = 10;
const BLOCK = 1 << BLOCK_BITS;

class Column<A extends Float64Array | Uint32Array> {
  private readonly blocks: A[] = [];

  constructor(private readonly create: (length: number) => A) {}

  get(index: number): number {
    return this.blocks[index >>> BLOCK_BITS]?.[index & (BLOCK - 1)] ?? 0;
  }

  set(index: number, value: number): void {
    (this.blocks[index >>> BLOCK_BITS] ??= this.create(BLOCK))[index & (BLOCK - 1)] = value;
  }

  /** Removes the blocks that are not needed for `length` numbers. */
  shorten(length: number): void {
    this.blocks.length = Math.min(this.blocks.length, Math.ceil(length / BLOCK));
  }
}

/**
 * Rows in the order of their due times: a binary heap. Finding the first row takes one step. Adding and deleting take a
 * few steps, even with a million rows.
 */
export class DueQueue {
  private readonly times = new Column((length) => new Float64Array(length));
  private readonly rows = new Column((length) => new Uint32Array(length));
  /** The place of each row in the heap, counted from 1; 0 means that it has none. */
  private readonly places = new Column((length) => new Uint32Array(length));
  private length = 0;

  get size(): number {
    return this.length;
  }

  /** The row that is due first, unless that is later than `by`. */
  first(by: number): number | undefined {
    return this.length > 0 && this.times.get(0) <= by ? this.rows.get(0) : undefined;
  }

  /** Adds a row or moves it. `Infinity` is never due, so it takes no place. */
  set(row: number, time: number): void {
    if (!(time < Infinity)) return this.delete(row);
    const place = this.places.get(row) || (this.length += 1);
    this.settle(place - 1, row, time);
  }

  delete(row: number): void {
    const place = this.places.get(row);
    if (place === 0) return;
    this.places.set(row, 0);
    this.length -= 1;
    if (place <= this.length) this.settle(place - 1, this.rows.get(this.length), this.times.get(this.length));
    // A block is kept in reserve, so that it is not created again and again.
    this.times.shorten(this.length + BLOCK);
    this.rows.shorten(this.length + BLOCK);
  }

  /** Forgets everything. */
  clear(): void {
    this.length = 0;
    for (const column of [this.times, this.rows, this.places]) column.shorten(0);
  }

  /** Puts a row into the heap, starting from a place that is free. */
  private settle(free: number, row: number, time: number): void {
    let place = free;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (this.times.get(parent) <= time) break;
      this.move(parent, place);
      place = parent;
    }
    for (let child = 2 * place + 1; child < this.length; child = 2 * place + 1) {
      if (child + 1 < this.length && this.times.get(child + 1) < this.times.get(child)) child += 1;
      if (this.times.get(child) >= time) break;
      this.move(child, place);
      place = child;
    }
    this.put(place, row, time);
  }

  private move(from: number, to: number): void {
    this.put(to, this.rows.get(from), this.times.get(from));
  }

  private put(place: number, row: number, time: number): void {
    this.times.set(place, time);
    this.rows.set(place, row);
    this.places.set(row, place + 1);
  }
}
