import type { ToldEvent } from '../../instances/support/instances.js';
import type { Expectation, Stretch } from './expectation.js';

/** What a soak has found. The first six must be empty. */
export interface Findings {
  /** Users who were active and were signed out. */
  readonly signedOut: readonly string[];
  /** Sessions that were over and were served. */
  readonly letIn: readonly string[];
  /** Users who were served as somebody else. */
  readonly mistaken: readonly string[];
  /** Answers that are neither an answer nor 503. */
  readonly failed: readonly string[];
  /** Sessions whose start or end was told twice. */
  readonly toldTwice: readonly string[];
  /** Sessions whose start or end was told by nobody, although no server was disturbed meanwhile. */
  readonly untold: readonly string[];
  /** Sessions whose start or end was told by nobody, while a server was disturbed. */
  readonly excused: number;
  readonly requests: number;
  readonly unavailable: number;
  readonly sessions: number;
  readonly troubles: Readonly<Record<string, number>>;
  /** The heap of an instance after a third of the time and at the end, in bytes. */
  readonly heap: readonly [number, number];
}

/** How long after a disturbance something may still be missing, in milliseconds. */
const AFTERMATH = 2000;

/** Collects what goes wrong, and compares the events with what must have happened. */
export class Observer {
  readonly signedOut: string[] = [];
  readonly letIn: string[] = [];
  readonly mistaken: string[] = [];
  readonly failed: string[] = [];
  readonly expectations: Expectation[] = [];
  readonly disturbances: { readonly kind: string; readonly from: number; to: number }[] = [];
  requests = 0;
  unavailable = 0;
  private readonly events = new Map<string, ToldEvent[]>();

  told(event: ToldEvent): void {
    if (event.session === undefined) return;
    this.events.set(event.session, [...(this.events.get(event.session) ?? []), event]);
  }

  /** Something is done to the servers. Returns what to call when it is over. */
  disturb(kind: string): () => void {
    const disturbance = { kind, from: performance.now(), to: Infinity };
    this.disturbances.push(disturbance);
    return () => void (disturbance.to = performance.now());
  }

  findings(heap: readonly [number, number]): Findings {
    const toldTwice: string[] = [];
    const untold: string[] = [];
    let excused = 0;
    for (const expectation of this.expectations) {
      const events = this.events.get(expectation.hash) ?? [];
      const name = `${expectation.user} ${expectation.hash}`;
      const parts: [string, Stretch, ToldEvent[]][] = [
        ['start', expectation.signIn, events.filter(({ type }) => type === 'started')],
        ['end', expectation.end, events.filter(({ type }) => type === 'expired' || type === 'ended')],
      ];
      for (const [part, stretch, told] of parts) {
        const shown = told.map(({ type, reason }) => `${type} ${reason ?? ''}`).join(', ');
        if (told.length > 1 && !this.isForgotten(told, stretch)) toldTwice.push(`${name}: ${shown}`);
        else if (told.length === 0 && this.isDisturbed(stretch)) excused += 1;
        else if (told.length === 0) untold.push(`${name}: ${part}, ${this.since(stretch)}`);
      }
    }
    const troubles: Record<string, number> = {};
    for (const { kind } of this.disturbances) troubles[kind] = (troubles[kind] ?? 0) + 1;
    const { signedOut, letIn, mistaken, failed, requests, unavailable, expectations } = this;
    return {
      signedOut,
      letIn,
      mistaken,
      failed,
      toldTwice,
      untold,
      excused,
      requests,
      unavailable,
      sessions: expectations.length,
      troubles,
      heap,
    };
  }

  /** Whether a server was disturbed about then; by default now. */
  isDisturbed({ from, to }: Stretch = { from: performance.now(), to: performance.now() }): boolean {
    return this.about({ from, to }).length > 0;
  }

  /** Whether a server has lost an end that had been told. A request that had read its row before finds no record any more. */
  private isForgotten(told: readonly ToldEvent[], stretch: Stretch): boolean {
    return told.length === 2 && told[1]?.reason === 'lost' && this.about(stretch).some(({ kind }) => kind === 'flush');
  }

  private about({ from, to }: Stretch) {
    return this.disturbances.filter((some) => some.from <= to + AFTERMATH && some.to >= from - AFTERMATH);
  }

  /** What was done to the servers about this time, in words. */
  troublesBetween(from: number, to: number): string {
    return this.about({ from, to })
      .map(({ kind, ...stretch }) => `${kind} ${this.since(stretch)}`)
      .join('; ');
  }

  private since({ from, to }: Stretch): string {
    return `from ${Math.round(from)} to ${Math.round(to)} ms`;
  }
}
