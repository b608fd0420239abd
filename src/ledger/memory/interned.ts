/** Gives equal values one number, so that many rows can share a value. Forgets a value that no row uses any more. */
export class Interned<T> {
  private readonly numbers = new Map<string, number>();
  private readonly entries: { readonly value: T; readonly text: string; uses: number }[] = [];
  private readonly freed: number[] = [];

  /** @param textOf returns the same text for equal values */
  constructor(private readonly textOf: (value: T) => string) {}

  /** How many values are in use. */
  get size(): number {
    return this.numbers.size;
  }

  /** Returns the number of a value, and counts one more row with it. */
  take(value: T): number {
    const text = this.textOf(value);
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.freed.pop() ?? this.entries.length;
      this.numbers.set(text, number);
      this.entries[number] = { value, text, uses: 0 };
    }
    this.entryOf(number).uses += 1;
    return number;
  }

  get(number: number): T {
    return this.entryOf(number).value;
  }

  /** Notes that one row does not use the value any more. */
  drop(number: number): void {
    const entry = this.entryOf(number);
    entry.uses -= 1;
    if (entry.uses > 0) return;
    this.numbers.delete(entry.text);
    this.freed.push(number);
  }

  private entryOf(number: number) {
    return this.entries[number] as (typeof this.entries)[number];
  }
}
