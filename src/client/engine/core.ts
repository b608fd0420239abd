import type { advice } from '../inputs/advice.js';
import { activityWatcher } from '../inputs/activity.js';
import type { isScriptedInput } from '../inputs/scripted-input.js';
import type { serverTimings } from '../inputs/server-timing.js';
import { transport } from '../inputs/transport.js';
import { listen, together } from '../listen.js';
import { ownUrl } from '../inputs/own-url.js';
import type { SessionSnapshot } from '../state/snapshot.js';
import { onReturn } from '../state/page-transitions.js';
import type { browserTabs } from '../tabs/tabs.js';
import type { departure } from '../ui/leave-page.js';
import { pageClock } from './clock.js';
import { engine } from './engine.js';

/** Milliseconds. A delay of `setTimeout` that is more than twice as long fires at once. */
const LONGEST_DELAY = 1e9;

/** Options of {@link startCore}. */
export interface CoreOptions {
  /** The URL of the package's routes, with a slash at the end. Default: `/session/`. */
  readonly url?: string;
}

/** Optional parts of the client. Each adds code to the page. */
export interface CoreParts {
  /** Leaves the page when its session has ended. Without it, the page stays, and the snapshot says `expired`. */
  readonly departure?: typeof departure;
  /** Shares answers with the other tabs. Without it, each tab asks the server itself. */
  readonly tabs?: typeof browserTabs;
  /** Learns from the answers to the application's own requests. */
  readonly timings?: typeof serverTimings;
  /** Says whether a script has changed or clicked a field, and not the user. Without it, both count as activity. */
  readonly isScriptedInput?: typeof isScriptedInput;
  /** Tells developers about mistakes in the set-up. */
  readonly advice?: typeof advice;
}

/** A running client. */
export interface SessionTimeoutCore {
  /** Returns the state of the session: the same object until something changes. Works without `this`. */
  snapshot(): SessionSnapshot;
  /** Calls `listener` after each change. Returns a function that stops this. */
  subscribe(listener: () => void): () => void;
  /**
   * Tells the server at once that the user wants to stay signed in. `stay` in the snapshot says whether that worked.
   */
  stayActive(): void;
  /**
   * Hides the page in all tabs, signs out on the server, and goes to the login page. Retries until the server has
   * answered.
   */
  signOut(): void;
  /** Asks the server at once, for example after a sign-in, or after a worker's request was refused. */
  check(): void;
  /** Reports activity that this page cannot see. Like a move of the pointer, it does not end a warning. */
  reportActivity(): void;
  /**
   * Keeps the session active until the returned function is called, for example during a call, a film or an upload.
   * This lasts at most `maxMs` milliseconds (default: an hour), and never beyond the absolute limit. If the user is being
   * warned, the warning ends.
   *
   * @param why a name, shown in the snapshot (`holds`)
   */
  hold(why: string, options?: { readonly maxMs?: number }): () => void;
  /**
   * Counts events in another window, such as the window of a frame, as activity. Returns a function that stops this.
   */
  watch(view: Window): () => void;
  /** Stops the client and removes its listeners. The server still ends the session on time. */
  stop(): void;
}

/**
 * Starts the client without anything visible. It knows the state of the session, and keeps the session alive while the
 * user is active. Other parts leave the page, cover it (for `concealed`) and show the warning.
 */
export function startCore(
  { url = '/session/' }: CoreOptions = {},
  { departure, tabs: findTabs, timings, isScriptedInput, advice }: CoreParts = {},
): SessionTimeoutCore {
  const own = ownUrl(url);
  const clock = pageClock();
  const watcher = activityWatcher(clock.now, isScriptedInput);
  const tabs = findTabs?.(`session-timeout:${own}`, clock, (transition) => session.apply(transition));
  const changes = new EventTarget();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let armedFor = 0;
  let beat: ReturnType<typeof setInterval> | undefined;

  const session = engine({
    clock,
    transport: transport(own, advice?.(url)),
    tabs,
    activity: watcher.last,
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    arrange,
    changed,
    leave: departure?.(watcher.isUsed, stop),
    chance: Math.random,
  });

  /** Sets the only timer if its time has changed. In hidden tabs, browsers slow down timers that start each other. */
  function arrange(delay: number): void {
    const time = Math.round(clock.now() + delay);
    if (time === armedFor) return;
    armedFor = time;
    clearTimeout(timer);
    if (delay < Infinity) timer = setTimeout(wake, Math.min(delay, LONGEST_DELAY));
  }

  function wake(): void {
    armedFor = 0;
    session.tick();
  }

  function changed({ state, concealed }: SessionSnapshot): void {
    // While the page is covered, `stay` only asks.
    watcher.onDeliberate(state === 'warning' || concealed ? session.stay : undefined);
    watch();
    // With an event, a listener that throws stops neither the others nor the client.
    changes.dispatchEvent(new Event('change'));
  }

  /** No event tells that the machine has slept while the page was visible. Only a gap between two ticks shows it. */
  function watch(): void {
    const { state } = session.snapshot();
    clearInterval(beat);
    if (state === 'warning' || (state === 'active' && isVisible())) beat = setInterval(session.tick, 500);
  }

  function look(): void {
    watch();
    if (isVisible()) session.look(1000);
    else session.flush();
  }

  function onShow({ persisted }: PageTransitionEvent): void {
    if (!persisted) return;
    session.apply(onReturn);
    tabs?.recall();
  }

  function stop(): void {
    session.stop();
    clearInterval(beat);
    undo();
  }

  const undo = together([
    watcher.watch(window),
    tabs?.close,
    timings?.(own, clock, session.apply),
    listen(document, 'visibilitychange resume', look),
    // `focus` of a field is captured here, too, but means nothing.
    listen(window, 'focus online', ({ target }) => target === window && look()),
    listen(window, 'pagehide', session.flush),
    listen(window, 'pageshow', onShow),
  ]);
  session.look();

  return {
    snapshot: session.snapshot,
    subscribe: (listener) => listen(changes, 'change', () => listener()),
    stayActive: session.stay,
    signOut: session.signOut,
    check: () => session.look(-1),
    reportActivity: session.active,
    hold: session.hold,
    watch: watcher.watch,
    stop,
  };
}

function isVisible(): boolean {
  return document.visibilityState === 'visible';
}
