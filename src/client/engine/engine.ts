import { afterAnswer, anonymous, asking, doubting, ended } from '../state/transitions.js';
import type { PageClock } from './clock.js';
import { type Ending, endOf, isConcealed, nothingKnown, type Rule } from '../state/session-state.js';
import { leases } from './holds.js';
import { afterFailure, afterLooking, afterStay } from '../state/machine.js';
import { askAt, isUnreported, patience, warnAt } from '../state/schedule.js';
import { type SessionSnapshot, snapshotOf, unknownSnapshot } from '../state/snapshot.js';
import type { Tabs } from '../tabs/tabs.js';
import type { Transport } from '../inputs/transport.js';

/** What the engine needs of the browser around it. */
export interface Surroundings {
  readonly clock: PageClock;
  readonly transport: Transport;
  readonly tabs?: Tabs | undefined;
  /** When the user was last active here. */
  activity(): number;
  /** Have {@link Engine.settle} called after so many milliseconds, instead of what was arranged before. */
  arrange(delay: number): void;
  /** Something to show has changed. */
  changed(snapshot: SessionSnapshot): void;
  /** Leaves the page for good. `false`: it is where it would go. */
  leave(ending: Ending, loginUrl: string | undefined): boolean;
  /** 0 to 1. */
  chance(): number;
}

export type Engine = ReturnType<typeof engine>;

/** Asks the server, tells the other tabs, and has everything done that the rules ask for. */
export function engine({ clock, transport, tabs, ...around }: Surroundings) {
  const { now } = clock;
  const jitter = around.chance() * 200;
  const holding = leases();
  let known = nothingKnown;
  let snapshot = unknownSnapshot;
  let running = true;
  let busy = false;
  let flushed = -Infinity;

  /** Takes in what has happened, and does what follows. What is over stays over. */
  function learn(rule: Rule): void {
    if (!running) return;
    if (known.phase !== 'over') known = rule(known, now());
    settle();
  }

  /** Looks at the clock and at the user, and does what is due. */
  function settle(): void {
    if (!running) return;
    const at = now();
    if (clock.jumped() && known.phase !== 'anonymous') known = asking(known, at);
    const holds = holding.running(at);
    known = afterLooking(known, at, holds.length > 0 ? at : around.activity());

    const before = snapshot;
    snapshot = snapshotOf(known, at, holds, before);
    if (snapshot !== before) around.changed(snapshot);
    // Whoever was told may have brought about the end of it.
    if (!running) return;
    if (known.ending) return finish(known.ending);

    const due = askAt(known, jitter);
    if (due <= at && !busy) void work();
    const changes = [due, warnAt(known), endOf(known)].filter((time) => time > at);
    around.arrange(Math.min(...changes) - at);
  }

  async function work(): Promise<void> {
    busy = true;
    const { phase, wantedAt, answeredAt, failures } = known;
    if (phase === 'over') await end();
    // One tab asks for all, unless something calls for an answer here and now.
    else if (!tabs || (wantedAt > answeredAt && !failures)) await ask();
    else await askInTurn(tabs);
    busy = false;
    settle();
  }

  async function askInTurn({ inTurn }: Tabs): Promise<void> {
    const stillDue = async (): Promise<void> => void (askAt(known, jitter) <= now() && (await ask()));
    const wait = await inTurn(known, stillDue);
    if (wait > 0) known = { ...known, retryAt: now() + wait + jitter };
  }

  async function ask(): Promise<void> {
    const askedAt = now();
    const { activeAt, session } = known;
    const reports = isUnreported(known) && !isConcealed(known, askedAt);
    const report = reports ? { idleFor: askedAt - activeAt, session } : undefined;
    const reported = reports ? activeAt : -Infinity;
    flushed = Math.max(flushed, reported);
    const answer = await transport.ping(patience(known, askedAt), report).catch(() => undefined);
    const reply = answer?.reply;
    if (!reply) return fail(answer?.retryAfter);
    if (!running) return;
    if (askedAt >= known.answeredAt)
      tabs?.tell('session' in reply ? reply.session : known.session, askedAt, answer.body);
    learn((known, at) =>
      afterAnswer({ ...known, reportedAt: Math.max(known.reportedAt, reported) }, at, askedAt, reply),
    );
  }

  async function end(): Promise<void> {
    const { session } = known;
    const answer = await transport.end().catch(() => undefined);
    if (!answer?.ok) return fail();
    tabs?.tell(session, now(), { state: 'expired', reason: 'signed-out' });
    known = ended(known, 'signed-out');
  }

  function fail(retryAfter = 0): void {
    known = afterFailure(known, now(), retryAfter, around.chance());
    settle();
  }

  function finish(ending: Ending): void {
    if (around.leave(ending, known.loginUrl)) running = false;
    else known = anonymous(known);
    settle();
  }

  return {
    learn,
    settle,
    snapshot: () => snapshot,
    /** Asks if the last answer is older than `age` milliseconds. */
    look(age = 0): void {
      learn((known, at) => (known.phase !== 'anonymous' && at - known.answeredAt > age ? asking(known, at) : known));
    },
    /** Asks, and hides the page until there is an answer. */
    doubt(): void {
      learn(doubting);
    },
    /** Reports what is unreported: the page may be about to go. */
    flush(): void {
      settle();
      if (running && isUnreported(known) && known.activeAt > flushed) void ask();
    },
    active(): void {
      learn((known, at) => afterLooking(known, at, at));
    },
    stay(): void {
      // Its answer is on the way: somebody who types meanwhile asks for the same.
      if (known.stay === 'pending') return;
      const late = busy;
      learn(afterStay);
      if (late && running) void ask();
    },
    signOut(): void {
      tabs?.tell(known.session, now());
      learn((known) => ({ ...known, phase: 'over', retryAt: -Infinity }));
    },
    hold(why: string, { maxMs }: { readonly maxMs?: number } = {}): () => void {
      const release = holding.take(why, now(), maxMs);
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
