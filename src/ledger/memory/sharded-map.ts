const SHARDS = 256;
/** The prime of the hash function FNV-1a. */
const FNV = 0x01000193;

/** A map made of many small ones, because a big map stops the process for a long time when it grows or shrinks. */
export class ShardedMap<V> {
  private readonly shards = Array.from({ length: SHARDS }, () => new Map<string, V>());
  private visited = 0;

  /** @param tail how many of a text's last characters are enough to spread the texts evenly */
  constructor(private readonly tail: number) {}

  get(text: string): V | undefined {
    return this.shardOf(text).get(text);
  }

  set(text: string, value: V): void {
    this.shardOf(text).set(text, value);
  }

  delete(text: string): void {
    this.shardOf(text).delete(text);
  }

  /** Returns the entries of the next part of the map. After `parts` calls, all of them have been returned. */
  nextPart(parts: number): Map<string, V>[] {
    const part: Map<string, V>[] = [];
    for (let left = Math.ceil(SHARDS / parts); left > 0; left -= 1) {
      this.visited = (this.visited + 1) % SHARDS;
      part.push(this.shards[this.visited] as Map<string, V>);
    }
    return part;
  }

  private shardOf(text: string): Map<string, V> {
    let hash = 0;
    for (let i = Math.max(0, text.length - this.tail); i < text.length; i += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(i), FNV);
    }
    return this.shards[(hash >>> 16) % SHARDS] as Map<string, V>;
  }
}
