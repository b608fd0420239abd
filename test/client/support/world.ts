/// <reference lib="dom" />
import { type Engine, engine } from '../../../src/client/engine/engine.js';
import type { Ending } from '../../../src/client/state/session-state.js';
import { pageClock } from '../../../src/client/engine/clock.js';
import type { singleFlight } from '../../../src/client/tabs/single-flight.js';
import type { tabChannel, TabMessage } from '../../../src/client/tabs/tab-channel.js';
import { onPageTiming } from '../../../src/client/state/transitions.js';
import { browserTabs, type Tabs } from '../../../src/client/tabs/tabs.js';
import { decodePingReply } from '../../../src/wire/ping-reply.js';

export const SECOND = 1000;

/** A network on a bad day. Times in milliseconds. */
export interface Weather {
  /** How long the next question is on its way there and back. */
  latency(): [number, number];
  /** Whether the next question is lost: `there`, before the server saw it, or `back`, after. */
  loses(): 'there' | 'back' | undefined;
}

export const fairWeather: Weather = { latency: () => [20, 20], loses: () => undefined };

/** Real time, and what is to happen in it. Nothing waits: time jumps from one event to the next. */
export class World {
  now = 1_000_000;
  /** How far the wall clock of the machine is off. */
  wallOffset = 0;
  /** How long the machine has slept, during which `performance.now()` stood still. */
  slept = 0;
  readonly tabs: Tab[] = [];
  private readonly queue: { at: number; run: () => void }[] = [];
  /** What a tab has told last, and which one is asking. */
  told: TabMessage | undefined;
  asking: Tab | undefined;
  /** Without locks, channels and storage. */
  alone = false;
  /** Called after each event. */
  check: () => void = () => undefined;

  constructor(
    readonly server: Server,
    readonly weather: Weather = fairWeather,
  ) {
    server.now = () => this.now;
  }

  in(delay: number, run: () => void): void {
    const event = { at: this.now + Math.max(0, delay), run };
    let place = this.queue.length;
    while (place > 0 && this.queue[place - 1]!.at > event.at) place--;
    this.queue.splice(place, 0, event);
  }

  /** Lets time pass. */
  async run(duration: number): Promise<void> {
    const until = this.now + duration;
    for (;;) {
      const next = this.queue[0];
      if (!next || next.at > until) break;
      this.queue.shift();
      this.now = Math.max(this.now, next.at);
      next.run();
      for (let turn = 0; turn < 30; turn++) await Promise.resolve();
      this.check();
    }
    this.now = until;
  }

  open(page: Page = {}): Tab {
    const tab = new Tab(this, page);
    this.tabs.push(tab);
    return tab;
  }

  /** The machine sleeps: all tabs stand still and, but on Windows, so does `performance.now()`. */
  sleep(duration: number, countsSleep = false): void {
    for (const tab of this.tabs) tab.freeze(duration);
    // Nothing reads the clock before it wakes, so that the step may come at once.
    if (!countsSleep) this.slept += duration;
  }

  monotonic(): number {
    return this.now - this.slept;
  }
}

/** The server's side, by the rules of the wire. Limits in milliseconds. */
export class Server {
  now: () => number = () => 0;
  startedAt = 0;
  lastAt = 0;
  session = 'first';
  ended: string | undefined;
  endedAt = Infinity;
  readonly pings: { at: number; idleFor: number | undefined }[] = [];
  loginUrl: string | undefined = '/login';
  /** The tag of the user. */
  user: string | undefined;
  /** With `mode: 'report'`: no limit ends the session. */
  reports = false;

  constructor(
    readonly idle: number,
    readonly absolute: number,
    readonly warnBefore: number,
  ) {}

  signIn(session = this.session): void {
    this.session = session;
    this.startedAt = this.lastAt = this.now();
    this.ended = undefined;
    this.endedAt = Infinity;
  }

  end(reason: string): void {
    this.ended ??= reason;
    this.endedAt = Math.min(this.endedAt, this.now());
  }

  /** When time ends the session, if nothing else does. */
  deadline(): number {
    return Math.min(this.lastAt + this.idle, this.startedAt + this.absolute);
  }

  judge(): void {
    if (this.ended || this.reports || this.now() < this.deadline()) return;
    this.endedAt = this.deadline();
    this.ended = this.lastAt + this.idle < this.startedAt + this.absolute ? 'idle' : 'absolute';
  }

  ping(idleFor: number | undefined, session: string | undefined): unknown {
    this.judge();
    this.pings.push({ at: this.now(), idleFor });
    if (!this.ended && idleFor !== undefined && (!session || session === this.session)) {
      this.lastAt = Math.min(this.now(), Math.max(this.lastAt, this.now() - idleFor));
    }
    return this.status();
  }

  /** What a header says of the session besides its state. */
  tagged(): { session: string; at: number } {
    return { session: this.session, at: Math.floor(this.now() / SECOND) * SECOND };
  }

  status(): Record<string, unknown> {
    this.judge();
    const login = { at: this.now() / SECOND, ...(this.loginUrl !== undefined && { loginUrl: this.loginUrl }) };
    if (this.ended === 'anonymous') return { state: 'anonymous', ...login };
    if (this.ended) return { state: 'expired', reason: this.ended, message: '', ...login };
    const seconds = (milliseconds: number): number => Math.floor(milliseconds) / 1000;
    const idleLeft = this.lastAt + this.idle - this.now();
    const absoluteLeft = this.startedAt + this.absolute - this.now();
    const expiresIn = Math.min(idleLeft, absoluteLeft);
    return {
      state: expiresIn < this.warnBefore ? 'warning' : 'active',
      idleFor: seconds(this.now() - this.lastAt),
      expiresIn: seconds(expiresIn),
      limit: idleLeft < absoluteLeft ? 'idle' : 'absolute',
      extendable: idleLeft < absoluteLeft,
      idleTimeout: seconds(this.idle),
      absoluteTimeout: seconds(this.absolute),
      idleLeft: seconds(idleLeft),
      absoluteLeft: seconds(absoluteLeft),
      warnBefore: seconds(this.warnBefore),
      session: this.session,
      ...(this.user !== undefined && { user: this.user }),
      ...(this.reports && { state: 'active', expiresIn: null, extendable: false, idleLeft: null, absoluteLeft: null }),
      ...login,
    };
  }
}

/** How a page comes. */
export interface Page {
  /** Nobody sees it: its heart does not beat. */
  readonly hidden?: boolean;
  /** With a `Server-Timing` of a living session; by default it has one. */
  readonly timed?: boolean;
  /** With a `Server-Timing` that said that a session had ended. */
  readonly fresh?: boolean;
  /** With `whenEnded: 'sign-in-here'`. */
  readonly stays?: boolean;
  /** With `onLeave`, which keeps the page. */
  readonly onLeave?: (tab: Tab) => void;
}

/** One page in a browser: the real engine, with the browser around it played. */
export class Tab {
  readonly engine: Engine;
  state = 'unknown';
  left: Ending | undefined;
  /** Has a page that stays ask again, if its session has ended. */
  reopen: (() => void) | undefined;
  /** How often it was left: once is enough. */
  leaves = 0;
  /** What shows the session does when something changes. */
  onChange: () => void = () => undefined;
  frozenUntil = -Infinity;
  /** How often a warning came up. */
  warnings = 0;
  private activeAt = -Infinity;
  private timer = 0;
  private readonly clock;

  constructor(
    private readonly world: World,
    { hidden = false, timed = true, fresh = false, stays = false, onLeave }: Page,
  ) {
    const wall = (): number => world.now + world.wallOffset;
    this.clock = pageClock(() => world.monotonic(), wall);
    const tabs = world.alone ? undefined : this.others();
    this.engine = engine({
      clock: this.clock,
      activity: () => this.activeAt,
      arrange: (delay) => this.arrange(delay),
      pause: (milliseconds) => new Promise((resolve) => world.in(milliseconds, () => this.whenAwake(resolve))),
      changed: ({ state }) => {
        if (state === 'warning' && this.state !== 'warning') this.warnings++;
        this.state = state;
        this.onChange();
      },
      leave: (ending, _loginUrl, _wasLive, reopen) => {
        this.reopen = stays && /^(idle|absolute|lost)$/.test(ending) ? reopen : undefined;
        if (this.reopen) return false;
        this.leaves++;
        if (onLeave) {
          onLeave(this);
          return true;
        }
        this.left = ending;
        return false;
      },
      chance: () => 0.5,
      tabs,
      transport: {
        ping: (report) =>
          this.call(() => world.server.ping(report?.idleFor, report?.session)).then((body) => ({
            reply: decodePingReply(body),
            body,
            retryAfter: 0,
          })),
        end: () =>
          this.call(() => {
            world.server.end('anonymous');
            return {};
          }).then(() => true),
      },
    });
    // The page itself came with a `Server-Timing`.
    const left = world.server.deadline() - world.now;
    const timing = { left, reason: fresh ? ('idle' as const) : undefined, ...world.server.tagged() };
    if (timed || fresh) this.engine.apply((state, at) => onPageTiming(state, at, at, timing));
    this.engine.look();
    if (!hidden) this.beat();
  }

  get running(): boolean {
    return this.world.now >= this.frozenUntil && this.left === undefined;
  }

  /** Whether somebody could read the page. */
  get readable(): boolean {
    return this.left === undefined && !this.engine.snapshot().concealed;
  }

  /** The user moves the pointer. */
  move(): void {
    this.whenAwake(() => {
      if (this.engine.snapshot().state !== 'warning') this.activeAt = this.clock.now();
    });
  }

  freeze(duration: number): void {
    this.frozenUntil = Math.max(this.frozenUntil, this.world.now + duration);
  }

  /** Runs now, or as soon as the tab runs again. */
  whenAwake(run: () => void): void {
    if (this.world.now < this.frozenUntil) this.world.in(this.frozenUntil - this.world.now, () => this.whenAwake(run));
    else if (this.left === undefined) run();
  }

  private beat(): void {
    this.world.in(500, () =>
      this.whenAwake(() => {
        this.engine.tick();
        this.beat();
      }),
    );
  }

  private arrange(delay: number): void {
    const timer = ++this.timer;
    if (delay === Infinity) return;
    this.world.in(delay, () => this.whenAwake(() => timer === this.timer && this.engine.tick()));
  }

  private call(answer: () => unknown): Promise<unknown> {
    const { world } = this;
    const [there, back] = world.weather.latency();
    const lost = world.weather.loses();
    return new Promise((resolve, reject) => {
      world.in(10 * SECOND, () => this.whenAwake(() => reject(new Error('timeout'))));
      if (lost === 'there') return world.in(there, () => this.whenAwake(() => reject(new Error('lost'))));
      world.in(there, () => {
        const body = answer();
        const arrive = (): void => (lost === undefined ? resolve(body) : reject(new Error('lost')));
        world.in(back, () => this.whenAwake(arrive));
      });
    });
  }

  private others(): Tabs {
    const { world } = this;
    const connect: typeof tabChannel = (_name, hear) => {
      this.hear = hear;
      return {
        tell: (message) => {
          world.told = message;
          for (const tab of world.tabs) if (tab !== this) world.in(1, () => tab.whenAwake(() => tab.hear(message)));
        },
        recall: () => world.told,
        close: () => undefined,
      };
    };
    const takeTurn: typeof singleFlight = async (_name, work) => {
      // A frozen tab keeps its lock.
      if (world.asking) return false;
      world.asking = this;
      await work();
      world.asking = undefined;
      return true;
    };
    return browserTabs('', this.clock, (transition) => this.engine.apply(transition), connect, takeTurn);
  }

  private hear: (message: TabMessage) => void = () => undefined;
}
