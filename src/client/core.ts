import { activityWatcher } from './activity.js';
import { pageClock } from './clock.js';
import { cover } from './cover.js';
import { loginTarget, wipe } from './departure.js';
import { engine } from './engine.js';
import { isReload, navigationTiming, observeTimings, type Timing } from './server-timing.js';
import { singleFlight } from './single-flight.js';
import type { SessionSnapshot } from './snapshot.js';
import { tabChannel } from './tab-channel.js';
import { transport } from './transport.js';
import { coverEnglish, type LanguageOptions, wordsOf } from './words.js';

/** The longest delay that `setTimeout` understands; beyond it, it fires at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Options of {@link startCore}. */
export interface CoreOptions extends LanguageOptions {
  /** Where the routes of the package are, with a slash at the end. Default `/session/`. */
  readonly url?: string;
}

/** A running client. */
export interface SessionTimeoutCore {
  /** How the session stands. The same object until something changes; callable without `this`. */
  snapshot(): SessionSnapshot;
  /** Calls `listener` after each change. Returns the undo. */
  subscribe(listener: () => void): () => void;
  /** The user wants to stay: told to the server at once. What came of it is in the snapshot (`stay`). */
  stayActive(): void;
  /** Hides all tabs, signs out on the server (until it has worked) and leaves for the login page. */
  signOut(): void;
  /** The user did something this page cannot see. Like a move of the pointer, it does not end a warning. */
  reportActivity(): void;
  /**
   * Counts as activity until the returned function is called: a call, a film, an upload. Lasts for
   * `maxMs` milliseconds at most (default: an hour), and never beyond the absolute limit.
   */
  hold(why: string, options?: { readonly maxMs?: number }): () => void;
  /** Counts what happens in a window, such as a frame's, as activity. Returns the undo. */
  watch(view: Window): () => void;
  /** Takes everything back. The server still ends the session on time. */
  stop(): void;
}

/** Starts the client without a dialog: everything but what is shown before the end. */
export function startCore(options: CoreOptions = {}): SessionTimeoutCore {
  const base = new URL(options.url ?? '/session/', location.href);
  const name = `session-timeout:${base.pathname}`;
  const clock = pageClock();
  const watcher = activityWatcher(clock.now);
  const hidden = cover();
  const listeners = new Set<() => void>();
  const undo: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout>;
  let armedFor = 0;
  let ticking: ReturnType<typeof setInterval>;
  let pace: number | undefined;
  let away = false;

  const navigation = navigationTiming();
  const tabs = tabChannel(name, (message) => session.hear(message));
  const session = engine(
    {
      clock,
      transport: transport(base.pathname),
      activity: watcher.last,
      singleFlight: (work) => singleFlight(`${name}:asking`, work),
      tell: tabs.tell,
      recall: tabs.recall,
      arrange,
      changed,
      leave,
      chance: Math.random,
      wall: Date.now,
    },
    navigation?.expired || isReload(),
  );

  /** One timer, armed anew only for another moment: one that arms itself is slowed down in hidden tabs. */
  function arrange(delay: number): void {
    const time = Math.round(clock.now() + delay);
    if (time === armedFor) return;
    armedFor = time;
    clearTimeout(timer);
    if (delay < Infinity) timer = setTimeout(wake, Math.min(delay, LONGEST_DELAY));
  }

  function wake(): void {
    armedFor = 0;
    session.settle();
  }

  function changed(snapshot: SessionSnapshot): void {
    watcher.onDeliberate(snapshot.state === 'warning' ? session.stay : undefined);
    show(snapshot);
    beat();
    for (const listener of listeners) listener();
  }

  function show({ concealed, state, unreachable, message }: SessionSnapshot): void {
    if (!concealed && !away) return hidden.takeOff();
    const words = wordsOf(options, coverEnglish);
    const asked = unreachable ? words.unreachable : words.checking;
    const text = state === 'expired' ? message || words.ended : asked;
    hidden.put(away ? '' : text, words.lang, words.dir);
  }

  /** While the page can be seen, sleep shows only as a gap between two beats. */
  function beat(): void {
    const next =
      document.visibilityState === 'visible' || session.snapshot().state === 'warning' ? session.pace() : undefined;
    if (next === pace) return;
    pace = next;
    clearInterval(ticking);
    if (next !== undefined) ticking = setInterval(session.settle, next);
  }

  function leave(outcome: Parameters<Parameters<typeof engine>[0]['leave']>[0], loginUrl: string | undefined): boolean {
    const target =
      outcome.do === 'leave' && loginUrl !== undefined ? loginTarget(loginUrl, outcome.reason, location) : '';
    if (target === undefined) return false;
    stop();
    wipe();
    if (target) location.replace(target);
    else location.reload();
    return true;
  }

  function hearTiming({ askedAt, left, expired }: Timing): void {
    session.happen({ type: 'timed', at: clock.now(), askedAt: clock.fromTimeline(askedAt), left, expired });
  }

  function on(target: EventTarget, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener, true);
    undo.push(() => target.removeEventListener(type, listener, true));
  }

  function onVisibility(): void {
    beat();
    if (document.visibilityState === 'hidden') session.flush();
    else session.look();
  }

  function onHide(): void {
    session.flush();
    tabs.close();
    if (session.pace() === undefined) return;
    away = true;
    show(session.snapshot());
  }

  function onShow(event: Event): void {
    if (!(event as PageTransitionEvent).persisted) return;
    away = false;
    tabs.open();
    session.happen({ type: 'looked', at: clock.now(), doubt: true });
    const last = tabs.recall();
    if (last) session.hear(last);
    show(session.snapshot());
  }

  function stop(): void {
    session.stop();
    tabs.close();
    clearTimeout(timer);
    clearInterval(ticking);
    for (const take of undo) take();
    hidden.takeOff();
  }

  tabs.open();
  undo.push(watcher.watch(window), observeTimings(base.href, hearTiming));
  on(document, 'visibilitychange', onVisibility);
  on(document, 'resume', session.look);
  on(window, 'focus', session.look);
  on(window, 'online', () => session.happen({ type: 'looked', at: clock.now() }));
  on(window, 'pagehide', onHide);
  on(window, 'pageshow', onShow);
  if (navigation && !navigation.expired) hearTiming(navigation);
  session.happen({ type: 'looked', at: clock.now() });

  return {
    snapshot: session.snapshot,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stayActive: session.stay,
    signOut: session.signOut,
    reportActivity: () => session.happen({ type: 'active', at: clock.now() }),
    hold: (why, { maxMs } = {}) => session.hold(why, maxMs),
    watch: watcher.watch,
    stop,
  };
}
