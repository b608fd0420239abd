import type { PageClock } from './clock.js';
import { isConcealed, type Knowledge, nothingKnown, type Outcome } from './knowledge.js';
import { leases } from './leases.js';
import { type Happening, reduce } from './machine.js';
import { type Reply, readReply, withOwnLogin } from './reply.js';
import { askAt, changesAt, isUnreported, patience } from './schedule.js';
import { type SessionSnapshot, snapshotOf, unknownSnapshot } from './snapshot.js';
import type { TabMessage } from './tab-channel.js';
import { type Transport, Unknown } from './transport.js';

/** A tab that waits for another one's answer asks for itself after this. */
const LONGEST_WAIT = 5000;

/** What the engine needs of the browser around it. */
export interface Surroundings {
  readonly clock: PageClock;
  readonly transport: Transport;
  /** When the user was last active here. */
  activity(): number;
  /** Runs the work unless another tab is at it. */
  singleFlight(work: () => Promise<unknown>): Promise<boolean>;
  tell(message: TabMessage): void;
  recall(): TabMessage | undefined;
  /** Have {@link Engine.settle} called after so many milliseconds, instead of what was arranged before. */
  arrange(delay: number): void;
  /** Something to show has changed. */
  changed(snapshot: SessionSnapshot): void;
  /** Leaves the page for good. `false`: it is where it would go. */
  leave(outcome: Outcome, loginUrl: string | undefined): boolean;
  /** 0 to 1. */
  chance(): number;
  wall(): number;
}

export type Engine = ReturnType<typeof engine>;

/** Asks the server, tells the other tabs, and has everything done that the rules ask for. */
export function engine(around: Surroundings, arrivedExpired = false) {
  const { clock, transport } = around;
  const jitter = around.chance() * 200;
  const holding = leases();
  let known: Knowledge = { ...nothingKnown, arrivedExpired };
  let snapshot = unknownSnapshot;
  let running = true;
  let busy = false;
  let waitingSince: number | undefined;
  let waitUntil = -Infinity;
  let flushed = -Infinity;

  /** Takes in what has happened, and does what follows. */
  function happen(event: Happening): void {
    if (!running) return;
    known = reduce(known, event);
    settle();
  }

  /** Looks at the clock and at the user, and does what is due. */
  function settle(): void {
    if (!running) return;
    const at = clock.now();
    if (clock.jumped()) known = reduce(known, { type: 'looked', at });
    const holds = holding.running(at);
    known = reduce(known, { type: 'held', at, held: holds.length > 0 });
    known = reduce(known, { type: 'active', at: known.held ? at : around.activity() });
    known = reduce(known, { type: 'ticked', at });

    const before = snapshot;
    snapshot = snapshotOf(known, at, holds, before);
    if (snapshot !== before) around.changed(snapshot);
    if (known.outcome) return finish(known.outcome);

    const due = isSigningOut() ? known.retryAt : askAt(known, jitter);
    if (due > at) waitingSince = undefined;
    else if (!busy && waitUntil <= at) void work(isSigningOut() ? end : askInTurn);
    const next = [due, waitUntil, changesAt(known, at, jitter)].filter((time) => time > at);
    around.arrange(next.length > 0 ? Math.min(...next) - at : Infinity);
  }

  async function work(job: () => Promise<void>): Promise<void> {
    busy = true;
    await job();
    busy = false;
    settle();
  }

  /** One tab asks for all, unless something calls for an answer here and now. */
  async function askInTurn(): Promise<void> {
    if (known.wantedAt > known.answeredAt && known.failures === 0) return ask();
    const at = clock.now();
    const free = await around.singleFlight(async () => {
      const last = around.recall();
      if (last) hear(last);
      if (askAt(known, jitter) <= clock.now()) await ask();
    });
    if (free) return;
    waitingSince ??= at;
    if (at - waitingSince > Math.min(LONGEST_WAIT, known.idleTimeout / 8)) return ask();
    waitUntil = clock.now() + 100 + jitter;
  }

  async function ask(outliving = false): Promise<void> {
    const askedAt = clock.now();
    const { activeAt, session } = known;
    const reports = isUnreported(known) && !isConcealed(known, askedAt);
    if (reports) flushed = activeAt;
    try {
      const { reply, body } = await transport.ping(
        reports ? { idleFor: askedAt - activeAt, session } : undefined,
        outliving ? undefined : patience(known, askedAt),
      );
      if (!running) return;
      if (askedAt >= known.answeredAt) share(reply, body, askedAt);
      happen({ type: 'answered', at: clock.now(), askedAt, reply, ...(reports && { reported: activeAt }) });
    } catch (error) {
      fail(error);
    }
  }

  async function end(): Promise<void> {
    try {
      await transport.end();
      share(undefined, { state: 'expired', reason: 'signed-out', loginUrl: known.loginUrl }, clock.now());
      happen({ type: 'signed-out', at: clock.now() });
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    const retryAfter = error instanceof Unknown ? error.retryAfter : 0;
    happen({ type: 'failed', at: clock.now(), retryAfter, spread: around.chance() });
  }

  function share(reply: Reply | undefined, answer: unknown, askedAt: number): void {
    const session = reply && 'session' in reply ? reply.session : known.session;
    around.tell({ session, answer, wall: around.wall() - (clock.now() - askedAt) });
  }

  /** What another tab has told. */
  function hear({ session, answer, signingOut, wall }: TabMessage): void {
    const at = clock.now();
    if (signingOut && session !== undefined) return happen({ type: 'signing-out', at, session });
    const reply = readReply(answer);
    if (reply) happen({ type: 'heard', at, askedAt: clock.fromWall(wall), reply: withOwnLogin(reply), session });
  }

  function isSigningOut(): boolean {
    return known.phase === 'over' && known.signingOut && !known.outcome;
  }

  function finish(outcome: Outcome): void {
    if (around.leave(outcome, known.loginUrl)) running = false;
    else happen({ type: 'arrived', at: clock.now() });
  }

  return {
    happen,
    settle,
    hear,
    snapshot: () => snapshot,
    /** How long nothing may go unseen, in milliseconds; `undefined` if there is nothing to see. */
    pace(): number | undefined {
      if (known.phase !== 'live') return undefined;
      return known.warned ? 250 : Math.min(1000, Math.max(250, known.idleTimeout / 10));
    },
    /** Asks, unless it has just been asked. */
    look(): void {
      const at = clock.now();
      if (at - known.answeredAt > 1000) happen({ type: 'looked', at });
      else settle();
    },
    /** Reports what is unreported, in a way that outlives the page. */
    flush(): void {
      settle();
      if (running && isUnreported(known) && known.activeAt > flushed) void ask(true);
    },
    stay(): void {
      // Its answer is on the way: somebody who types meanwhile asks for the same.
      if (known.stay === 'pending') return;
      const waiting = busy;
      happen({ type: 'stay', at: clock.now() });
      if (waiting && running) void ask();
    },
    signOut(): void {
      around.tell({ session: known.session, signingOut: true, wall: around.wall() });
      happen({ type: 'signing-out', at: clock.now() });
    },
    hold(why: string, maxMs?: number): () => void {
      const release = holding.take(why, clock.now(), maxMs);
      settle();
      return () => {
        release();
        settle();
      };
    },
    stop(): void {
      running = false;
      around.arrange(Infinity);
    },
  };
}
