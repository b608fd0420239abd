/** Holds handlers until the test opens it. From then on everybody passes. */
export class Gate {
  private arrived = 0;
  private waiting: (() => void)[] = [];
  private letGo!: () => void;
  private readonly opened = new Promise<void>((resolve) => (this.letGo = resolve));

  /** Called by a handler: waits until the gate is open. */
  pass(): Promise<void> {
    this.arrived += 1;
    for (const wake of this.waiting.splice(0)) wake();
    return this.opened;
  }

  /** Resolves when that many handlers have come to the gate. */
  async hasArrived(count = 1): Promise<void> {
    while (this.arrived < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  open(): void {
    this.letGo();
  }
}
