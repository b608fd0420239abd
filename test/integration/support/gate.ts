/** Holds a handler until the test lets it go on. */
export class Gate {
  private arrive!: () => void;
  /** Lets those at the gate go on. */
  open!: () => void;

  /** Somebody waits at the gate. */
  readonly arrived = new Promise<void>((resolve) => (this.arrive = resolve));
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  pass(): Promise<void> {
    this.arrive();
    return this.opened;
  }
}
