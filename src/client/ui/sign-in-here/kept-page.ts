import { parse } from '../../attempt.js';
import { transport } from '../../inputs/transport.js';
import { listen, together } from '../../listen.js';
import type { SessionTimeoutClient } from '../../page.js';
import { type HeardMessage, type Meaning, meaningOf, meaningOfMessage } from './sign-in-state.js';

/** How often the server is asked while the login window may be open, in milliseconds. */
const OFTEN = 5000;
/** For how long the page asks often, in milliseconds. After that, it still asks when the user looks at it. */
const LONGEST = 10 * 60 * 1000;

/** A page that waits for its user. */
export interface Waiting {
  /** The tag of the user to whom the page belongs. */
  readonly user: string;
  /** Called with each answer of the server. */
  hear(meaning: Meaning): Promise<void>;
  /** Called when the page goes into the back/forward cache, and when it comes back. */
  rest(): void;
  resume(): void;
}

/** A covered page that finds out whether its user has signed in. */
export interface KeptPage {
  /** Asks the server now. */
  ask(): Promise<void>;
  /** Asks again and again for some time, because the login page has been opened. */
  askOften(): void;
  /** Stops asking. */
  stop(): void;
}

/** @param own the address of the routes of the package */
export function keptPage(client: SessionTimeoutClient, own: string, { user, ...page }: Waiting): KeptPage {
  const { ping } = transport(own);
  let openedAt = -Infinity;
  let asks = false;
  let isWanted = false;
  let isUnanswered = false;

  async function ask(): Promise<void> {
    // A caller that asks while an answer is on its way wants a newer answer.
    isWanted = true;
    if (asks) return;
    asks = true;
    // The core asks by itself as soon as it knows that the session has not ended.
    while (isWanted && isEnded()) {
      isWanted = false;
      const answer = await ping().catch(() => undefined);
      const meaning = meaningOf(answer?.reply, user);
      isUnanswered = meaning === 'unreachable';
      if (isEnded()) await page.hear(meaning);
    }
    asks = false;
  }

  function isEnded(): boolean {
    return client.snapshot().state === 'expired';
  }

  function look(): void {
    if (document.visibilityState === 'visible') void ask();
  }

  function hearTab({ key, newValue }: StorageEvent): void {
    const message = key === `session-timeout:${own}` && parse<HeardMessage>(newValue);
    const meaning = message && meaningOfMessage(message);
    if (meaning === 'over') void page.hear('over');
    if (meaning === 'ask') void ask();
  }

  const timer = setInterval(() => {
    // While the server does not answer, the dialog says that the page tries again.
    if (isUnanswered || performance.now() - openedAt < LONGEST) look();
  }, OFTEN);
  const undo = together([
    listen(document, 'visibilitychange', look),
    // `focus` of a button is captured here, too.
    listen(window, 'focus online', ({ target }) => target === window && look()),
    listen(window, 'storage', hearTab),
    listen(window, 'pagehide', page.rest),
    listen(window, 'pageshow', () => {
      page.resume();
      look();
    }),
    () => clearInterval(timer),
  ]);

  return {
    ask,
    askOften() {
      openedAt = performance.now();
    },
    stop: undo,
  };
}
