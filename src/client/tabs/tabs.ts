import { afterAnswer, asking, askingAgain } from '../state/transitions.js';
import type { PageClock } from '../engine/clock.js';
import type { Knowledge, Rule } from '../state/session-state.js';
import { type Reply, readReply } from '../reply.js';
import { singleFlight } from './single-flight.js';
import { tabChannel, type TabMessage } from './tab-channel.js';

/** A tab that waits for another one's answer asks for itself after this many milliseconds. */
const LONGEST_WAIT = 5000;

/** The other tabs. Nothing depends on them but speed and traffic. */
export interface Tabs {
  /** Runs the work, or returns how many milliseconds to wait because another tab is at it. */
  inTurn(known: Knowledge, work: () => Promise<void>): Promise<number>;
  /** Tells them what the server has answered to the question of `askedAt`; without an answer, that the user signs out. */
  tell(session: string | undefined, askedAt: number, answer?: unknown): void;
  /** Takes in what was told last. */
  recall(): void;
  open(): void;
  close(): void;
}

/** The tabs of this browser. There is no leader: whoever has to ask does, and tells the others. */
export function browserTabs(
  name: string,
  clock: PageClock,
  learn: (rule: Rule) => void,
  connect = tabChannel,
  takeTurn = singleFlight,
): Tabs {
  const channel = connect(name, hear);
  let waitingFor: number | undefined;
  let waitingSince = 0;
  let mostAhead = -Infinity;

  /**
   * How far the time of day is ahead of this page's clock; the most there ever was, so that what was
   * told before somebody set the time back is not taken for news.
   */
  function ahead(): number {
    mostAhead = Math.max(mostAhead, clock.wall() - clock.now());
    return mostAhead;
  }

  function hear({ session, answer, wall }: TabMessage): void {
    const reply = readReply(answer);
    const askedAt = wall - ahead();
    learn((known, at) =>
      reply ? afterHearing(known, at, askedAt, reply, session) : afterSignOutElsewhere(known, at, session),
    );
  }

  function recall(): void {
    const last = channel.recall();
    if (last) hear(last);
  }

  return {
    async inTurn({ answeredAt, idleTimeout }, work) {
      const at = clock.now();
      if (waitingFor !== answeredAt) {
        waitingFor = answeredAt;
        waitingSince = at;
      }
      // That tab may be frozen.
      const alone = at - waitingSince > Math.min(LONGEST_WAIT, idleTimeout / 8);
      const look = (): Promise<void> => (recall(), work());
      // A frame without an origin may have no locks.
      const done = alone ? await work() : await takeTurn(`${name}:asking`, look).catch(look);
      return done === false ? 100 : 0;
    },
    tell(session, askedAt, answer) {
      channel.tell({ session, answer, wall: askedAt + clock.wall() - clock.now() });
    },
    recall,
    open() {
      ahead();
      channel.open();
    },
    close: channel.close,
  };
}

/**
 * What the page knows once another tab has told of an answer about `session`. What is said of
 * another session only makes this page ask for itself.
 */
export function afterHearing(
  known: Knowledge,
  at: number,
  askedAt: number,
  reply: Reply,
  session: string | undefined,
): Knowledge {
  const alive = 'session' in reply;
  // What is told of the future is from before somebody set the time back, and what has no time is nothing.
  if (!(askedAt > known.answeredAt && askedAt < at + 50)) return known;
  if (known.phase !== 'live') return alive ? asking(known, at) : known;
  if (session !== known.session) return alive ? askingAgain(known, at) : asking(known, at);
  // Where to sign in, the server has told this tab: no other has to be believed.
  return alive && known.signingOut ? known : afterAnswer(known, at, askedAt, { ...reply, loginUrl: undefined });
}

/** What it knows once another tab has said that the user is signing out of `session`. */
export function afterSignOutElsewhere(known: Knowledge, at: number, session: string | undefined): Knowledge {
  const mine = session !== undefined && session === known.session && !known.signingOut;
  // That tab has a moment to do it.
  return mine ? { ...asking(known, at + 1000), signingOut: true } : known;
}
