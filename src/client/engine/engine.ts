import { askAt, isUnreported, patience, warnAt } from '../state/schedule.js';
import { type Ended, endOf, initialState, isConcealed, type Transition } from '../state/session-state.js';
import { type SessionSnapshot, snapshotOf, unknownSnapshot } from '../state/snapshot.js';
import { onAnswer, onFailure } from '../state/transitions.js';
import { onAnonymous, onDoubt, onEnd, onLook, onSignOut, onStay, onTick } from '../state/page-transitions.js';
import type { PingAnswer, Transport } from '../inputs/transport.js';
import type { Leave } from '../ui/leave-page.js';
import type { Tabs } from '../tabs/tabs.js';
import type { PageClock } from './clock.js';

const HOUR = 60 * 60 * 1000;
/** Milliseconds until a tab looks whether another one has received an answer. */
const SHORT_WAIT = 100;

/** Something that counts as activity although nobody touches the keyboard or the mouse. */
interface Hold {
  readonly why: string;
  readonly until: number;
}

/** What the engine needs from the browser around it. */
export interface Surroundings {
  readonly clock: PageClock;
  readonly transport: Transport;
  readonly tabs?: Tabs | undefined;
  /** When the user was last active on this page. */
  activity(): number;
  /** Resolves after this many milliseconds. */
  pause(milliseconds: number): Promise<void>;
  /** Calls {@link Engine.tick} after `delay` milliseconds, instead of at the time that was arranged before. */
  arrange(delay: number): void;
  /** Called when something in the snapshot has changed. */
  changed(snapshot: SessionSnapshot): void;
  readonly leave?: Leave | undefined;
  /** A random number from 0 to 1. */
  chance(): number;
}

export type Engine = ReturnType<typeof engine>;

/** Keeps the state of the session. It asks the server, tells the other tabs, and does what the state requires. */
export function engine({ clock, transport, tabs, ...around }: Surroundings) {
  const { now } = clock;
  const jitter = around.chance() * 200;
  let holds: Hold[] = [];
  let state = initialState;
  let snapshot = unknownSnapshot;
  let running = true;
  let busy = false;
  let flushed = -Infinity;

  /** Changes the state, and does what follows from it. An ended session stays ended. */
  function apply(transition: Transition): void {
    if (state.phase !== 'expired') state = transition(state, now());
    tick();
  }

  /** Updates the state from the time and the user's activity, and does what is due. */
  function tick(): void {
    if (!running) return;
    const at = now();
    if (clock.jumped()) state = onLook(state, at);
    holds = holds.filter(({ until }) => until > at);
    state = onTick(state, at, holds[0] ? at : around.activity());

    const before = snapshot;
    snapshot = snapshotOf(state, at, holds, clock.wallOf, before);
    if (snapshot !== before) around.changed(snapshot);
    // A listener may have stopped the client.
    if (!running) return;
    if (state.phase === 'expired') return finish();

    const due = askAt(state, jitter);
    if (due <= at && !busy) void work();
    const changes = [due, warnAt(state), endOf(state)].filter((time) => time > at);
    around.arrange(Math.min(...changes) - at);
  }

  async function work(): Promise<void> {
    busy = true;
    if (state.phase === 'signing-out') await signOut();
    // One tab asks for all tabs, unless this one needs an answer at once.
    else if (!tabs || (state.wantedAt > state.answeredAt && !state.failures)) await ask();
    else if ((await tabs.inTurn(state, askIfDue)) === false) {
      // Another tab asks. This one waits for its answer.
      state = { ...state, retryAt: now() + SHORT_WAIT + jitter };
    }
    busy = false;
    tick();
  }

  /** Asks unless another tab has done so in the meantime. */
  async function askIfDue(): Promise<void> {
    if (askAt(state, jitter) <= now()) await ask();
  }

  /** Asks the server. If there is no answer for some time, asks again. A late answer is used, too. */
  async function ask(): Promise<void> {
    const askedAt = now();
    const { activeAt, session } = state;
    const reports = isUnreported(state) && !isConcealed(state, askedAt);
    let waits = true;
    if (reports) flushed = activeAt;

    function take(answer?: PingAnswer): void {
      const reply = answer?.reply;
      const fails = waits && !reply && askedAt >= state.answeredAt;
      waits = false;
      if (fails) return fail(answer?.retryAfter);
      if (!reply || !running || state.phase === 'expired') return;
      const next = onAnswer(state, now(), askedAt, reply, reports ? activeAt : undefined);
      const ending = next.phase === 'expired' && next.ending;
      // Only this page may know why the session has ended, so it tells the others.
      if (next !== state)
        tabs?.tell(next.session, askedAt, ending ? { state: 'expired', reason: ending, at: 0 } : answer.body);
      apply(() => next);
    }

    const answered = transport
      .ping(reports ? { idleFor: askedAt - activeAt, session } : undefined)
      .catch(() => undefined)
      .then(take);
    await Promise.race([answered, around.pause(patience(state, askedAt))]);
    take();
  }

  async function signOut(): Promise<void> {
    const isDone = await transport.end().catch(() => undefined);
    if (isDone) {
      tabs?.tell(state.session, now(), { state: 'expired', reason: 'signed-out', at: 0 });
      apply((state) => onEnd(state, 'signed-out'));
    } else if (isDone === false) {
      // The server refuses. The page is left when the session has ended.
      await ask();
    }
    if (state.phase === 'signing-out') fail();
  }

  function fail(retryAfter = 0): void {
    state = onFailure(state, now(), retryAfter, around.chance());
    tick();
  }

  function finish(): void {
    const { ending } = state as Ended;
    // What the application does now, such as releasing a hold, must not come here again.
    running = false;
    const stays = around.leave ? around.leave(ending, state.loginUrl, state.seen, reopen) : !state.seen;
    // A page that has to be left later tries again at the next tick.
    running = stays !== false;
    if (!stays) return;
    // Whatever the server says about the ended session later, the page has been dealt with.
    state = onAnonymous({ ...state, fresh: true });
    tick();

    /** Asks who is signed in now. The page stays hidden, and goes on if it is the same user. */
    function reopen(): void {
      running = true;
      state = { ...state, phase: 'unknown', told: ending };
      apply(onDoubt);
    }
  }

  return {
    apply,
    tick,
    snapshot: () => snapshot,
    /** Asks if the last answer is older than `age` milliseconds. */
    look(age?: number): void {
      apply((state, at) => onLook(state, at, age));
    },
    /** Reports all activity so far, because the page may be about to close. */
    flush(): void {
      tick();
      if (running && isUnreported(state) && state.activeAt > flushed) void ask();
    },
    active(): void {
      apply((state, at) => onTick(state, at, at));
    },
    stay(): void {
      // A request is already on its way. More keys mean the same.
      if (state.stay === 'pending') return;
      const late = busy;
      apply(onStay);
      // On the cover, keys only ask, and a question is already on its way.
      if (late && snapshot.stay === 'pending') void ask();
    },
    signOut(): void {
      tabs?.tell(state.session, now());
      apply(onSignOut);
    },
    hold(why: string, { maxMs = HOUR }: { readonly maxMs?: number } = {}): () => void {
      const hold = { why, until: now() + maxMs };
      holds.push(hold);
      if (state.phase === 'warning') apply(onStay);
      tick();
      return () => {
        hold.until = 0;
        tick();
      };
    },
    stop(): void {
      running = false;
      around.arrange(Infinity);
    },
  };
}
