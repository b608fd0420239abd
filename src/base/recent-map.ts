/** A map with a maximum size. It forgets its oldest entry when it is full. */
export class RecentMap<K, V> {
  private readonly entries = new Map<K, V>();

  /** @param most the maximum number of entries */
  constructor(private readonly most: number) {}

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  delete(key: K): void {
    this.entries.delete(key);
  }

  set(key: K, value: V): void {
    this.entries.set(key, value);
    if (this.entries.size > this.most) this.entries.delete(this.entries.keys().next().value as K);
  }
}
