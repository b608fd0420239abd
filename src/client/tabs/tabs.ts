import { decodePingReply } from '../../wire/ping-reply.js';
import type { PageClock } from '../engine/clock.js';
import type { SessionState, Transition } from '../state/session-state.js';
import { onTabAnswer, onTabSignOut } from '../state/transitions.js';
import { singleFlight } from './single-flight.js';
import { tabChannel, type TabMessage } from './tab-channel.js';

/** A tab that waits for another one's answer asks for itself after this many milliseconds. */
const LONGEST_WAIT = 5000;

/** The other tabs of the browser. Sharing answers saves time and requests. A page also works alone. */
export interface Tabs {
  /** Runs `work`. Returns `false` if another tab is running it. */
  inTurn(state: SessionState, work: () => Promise<void>): Promise<boolean | void>;
  /**
   * Tells the other tabs the answer to a question of `askedAt`. Without an answer, tells them that the user is signing
   * out.
   */
  tell(session: string | undefined, askedAt: number, answer?: unknown): void;
  /** Reads the last message of any tab again. */
  recall(): void;
  /** Disconnects from them. */
  close(): void;
}

/**
 * Connects the tabs of this browser. There is no leader: the tab that needs an answer asks the server, and tells the
 * others.
 */
export function browserTabs(
  name: string,
  clock: PageClock,
  apply: (transition: Transition) => void,
  connect = tabChannel,
  takeTurn = singleFlight,
): Tabs {
  const channel = connect(name, hear);
  let waitingFor: number | undefined;
  let waitingSince = 0;
  let mostAhead = clock.wallOf(0);

  /**
   * The largest difference so far between the time of day and this page's clock. If somebody sets the time back, older
   * messages do not seem to be new.
   */
  function ahead(): number {
    clock.now();
    return (mostAhead = Math.max(mostAhead, clock.wallOf(0)));
  }

  function hear({ session, answer, wall }: TabMessage): void {
    const reply = decodePingReply(answer);
    const askedAt = wall - ahead();
    // An answer that this page cannot read comes from another version of the client.
    if (answer && !reply) return;
    apply((state, at) => (reply ? onTabAnswer(state, at, askedAt, reply, session) : onTabSignOut(state, at, session)));
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
      // The tab that asks may be frozen.
      const alone = at - waitingSince > Math.min(LONGEST_WAIT, idleTimeout / 8);
      const look = (): Promise<void> => (recall(), work());
      // A frame without an origin may have no locks.
      return alone ? work() : takeTurn(`${name}:asking`, look).catch(look);
    },
    tell(session, askedAt, answer) {
      channel.tell({ session, answer, wall: clock.wallOf(askedAt) });
    },
    recall,
    close: channel.close,
  };
}
