/** A map that forgets its oldest entry when it holds more than it may. */
export class RecentMap<K, V> {
  private readonly entries = new Map<K, V>();

  /** @param most how many entries it holds */
  constructor(private readonly most: number) {}

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  set(key: K, value: V): void {
    this.entries.set(key, value);
    if (this.entries.size > this.most) this.entries.delete(this.entries.keys().next().value as K);
  }
}
