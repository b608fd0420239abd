/**
 * The sessions that must be left alone for a moment by what ends sessions without a request, because something is under
 * way that may keep them.
 */
export class HeldSessions {
  private readonly counts = new Map<string, number>();

  has(key: string): boolean {
    return this.counts.has(key);
  }

  /** @returns a function that lets the sessions go; it may be called twice */
  hold(...keys: readonly string[]): () => void {
    for (const key of keys) this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (isHeld) for (const key of keys) this.letGo(key);
      isHeld = false;
    };
  }

  private letGo(key: string): void {
    const left = (this.counts.get(key) ?? 1) - 1;
    if (left > 0) this.counts.set(key, left);
    else this.counts.delete(key);
  }
}
