import { AsyncLocalStorage } from 'node:async_hooks';

/** A call of the store or the ledger that waits until it is let go. */
interface Held {
  readonly actor: string;
  readonly what: string;
  go(): void;
}

/**
 * How many turns of the event loop have to pass without a new call until everybody waits. All is in memory, and two are
 * the most that were seen between two calls.
 */
const QUIET_TURNS = 5;

/**
 * Holds up the calls of whoever takes part, and lets them go one by one, in an order that is given. As long as nobody
 * takes part, nothing is held up.
 */
export class Scheduler {
  private readonly actors = new AsyncLocalStorage<string>();
  private held: Held[] = [];
  private moves = 0;

  /** What is done within belongs to an actor. */
  as<T>(actor: string | undefined, work: () => T): T {
    return actor === undefined ? work() : this.actors.run(actor, work);
  }

  /** Called by what is held up. Settles when it is its turn. */
  turn(what: string): Promise<void> | undefined {
    const actor = this.actors.getStore();
    if (actor === undefined) return undefined;
    this.moves += 1;
    return new Promise((go) => void this.held.push({ actor, what, go }));
  }

  /** Something has happened that may lead to another call. */
  note(): void {
    this.moves += 1;
  }

  /** Waits until nothing happens any more unless somebody is let go. */
  async quiet(): Promise<void> {
    let quiet = 0;
    let before = this.moves;
    while (quiet < QUIET_TURNS) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = before === this.moves ? quiet + 1 : 0;
      before = this.moves;
    }
  }

  /** The calls that wait, those of `last` first. */
  waiting(last: string | undefined): readonly Held[] {
    const own = this.held.filter(({ actor }) => actor === last);
    return [...own, ...this.held.filter(({ actor }) => actor !== last)];
  }

  letGo(held: Held): void {
    this.held = this.held.filter((other) => other !== held);
    held.go();
  }
}

/** What was chosen at a step, among how many. */
interface Step {
  readonly chosen: number;
  readonly among: number;
}

export interface Walk {
  /** How many orders were walked. */
  readonly orders: number;
  /** Whether these are all within the bound. */
  readonly isWhole: boolean;
}

/** How many orders one walk may take, in case there are more than anybody thought. */
const MOST = 200_000;

/**
 * Walks through the orders of what actors do, depth first. Each order is played from the start.
 *
 * @param play starts everything; settles when all is over
 * @param switches how often an order may take the turn from the call that is next, because its actor has just gone on
 */
export async function walk(
  scheduler: Scheduler,
  switches: number,
  play: (follow: (isOver: () => boolean) => Promise<string[]>) => Promise<void>,
): Promise<Walk> {
  let prefix: number[] = [];
  for (let orders = 1; ; orders += 1) {
    const steps: Step[] = [];
    await play((isOver) => follow(scheduler, switches, prefix, steps, isOver));
    const next = nextPrefix(steps);
    if (!next) return { orders, isWhole: true };
    if (orders >= MOST) return { orders, isWhole: false };
    prefix = next;
  }
}

async function follow(
  scheduler: Scheduler,
  switches: number,
  prefix: readonly number[],
  steps: Step[],
  isOver: () => boolean,
): Promise<string[]> {
  const order: string[] = [];
  let left = switches;
  let last: string | undefined;
  for (;;) {
    await scheduler.quiet();
    const waiting = scheduler.waiting(last);
    if (waiting.length === 0) {
      if (isOver()) return order;
      throw new Error(`Somebody waits for ever after: ${order.join(', ')}`);
    }
    const goesOn = waiting[0]?.actor === last;
    const allowed = goesOn && left === 0 ? 1 : waiting.length;
    const chosen = prefix[steps.length] ?? 0;
    steps.push({ chosen, among: allowed });
    const held = waiting[chosen] as Held;
    if (goesOn && chosen > 0) left -= 1;
    last = held.actor;
    order.push(`${held.actor} ${held.what}`);
    scheduler.letGo(held);
  }
}

/** The first choices of the next order: the last choice that has another possibility is changed. */
function nextPrefix(steps: readonly Step[]): number[] | undefined {
  for (let i = steps.length - 1; i >= 0; i -= 1) {
    const { chosen, among } = steps[i] as Step;
    if (chosen + 1 < among) return [...steps.slice(0, i).map((step) => step.chosen), chosen + 1];
  }
  return undefined;
}
