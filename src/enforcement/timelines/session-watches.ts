import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { noop } from '../../base/noop.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import type { Reason } from '../../policy/reason.js';
import { type Ask, SessionWatch, type Waiting, type WatchedSession } from './session-watch.js';
import type { Outlook } from './outlook.js';
import { Timelines } from './timelines.js';

/**
 * Calls listeners when a session ends: at a limit, by somebody's decision in this process, or in another process. Each
 * session is watched once, no matter how many listeners it has.
 */
@Injectable()
export class SessionWatches implements OnModuleDestroy {
  private readonly watches = new Map<string, SessionWatch>();
  private readonly ask: Ask;
  private isClosed = false;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
  ) {
    const isReport = settings.mode === 'report';
    this.ask = isReport ? ({ key }) => this.revocation(key) : (session, waiting) => this.outlook(session, waiting);
    timelines.ends.listen((key, reason) => {
      if (this.watches.size > 0 && (!isReport || reason === 'revoked')) this.ended(key, reason);
    });
  }

  /**
   * Calls `waiting.onEnd` when the session has ended. The call comes later than this function returns, even if the
   * session has already ended.
   *
   * @param left how long the session goes on without activity, in milliseconds
   * @param again whether to ask at once, because the session was judged some time ago
   * @returns a function that stops waiting
   */
  watch(session: WatchedSession, waiting: Waiting, left: number, again = false): () => void {
    if (this.isClosed) return noop;
    const watch = this.watchOn(session);
    watch.add(waiting, this.settings.mode === 'report' ? Infinity : left);
    if (again || this.timelines.recentEnd(session.key) !== undefined) void watch.check();
    return () => this.leave(waiting);
  }

  /** Records activity of the user. Returns false if the session has ended. */
  async active(waiting: Waiting): Promise<boolean> {
    if (!waiting.watch?.isAlive) await waiting.watch?.check();
    const { watch } = waiting;
    if (!watch?.waiting.has(waiting)) return false;
    await this.timelines.advance(watch.session.key, await waiting.limits(), 0, BURST);
    return true;
  }

  /** Moves the listeners of a session that goes on under another id. */
  follow(from: string, to: WatchedSession & { readonly sessionId: string }): void {
    const left = this.watches.get(from);
    if (!left) return;
    left.stop();
    this.watches.delete(from);
    const watch = this.watchOn(to);
    for (const waiting of left.waiting) {
      watch.add(waiting, Infinity);
      waiting.onNewId?.(to);
    }
    void watch.check();
  }

  /** Waits for {@link follow}: a session that ends as `replaced` may go on under an id that is not known yet. */
  awaitNewId(key: string): void {
    this.watches.get(key)?.awaitNewId();
  }

  /** Stops waiting: the session does not go on. */
  expectNoNewId(key: string): void {
    this.watches.get(key)?.expectNoNewId();
  }

  onModuleDestroy(): void {
    this.isClosed = true;
    for (const watch of this.watches.values()) watch.stop();
    this.watches.clear();
  }

  private watchOn({ key, user, startedAt }: WatchedSession): SessionWatch {
    const known = this.watches.get(key);
    if (known) return known;
    const session = { key, user, startedAt };
    const watch = new SessionWatch(session, this.ask, this.settings.clock, () => this.forget(watch));
    this.watches.set(key, watch);
    return watch;
  }

  private leave(waiting: Waiting): void {
    const { watch } = waiting;
    if (!watch?.waiting.delete(waiting) || watch.waiting.size > 0) return;
    watch.stop();
    this.forget(watch);
  }

  private forget(watch: SessionWatch): void {
    const { key } = watch.session;
    if (this.watches.get(key) === watch) this.watches.delete(key);
  }

  private ended(key: string, reason: Reason | undefined): void {
    const watch = this.watches.get(key);
    if (reason === undefined) void watch?.check();
    else watch?.end(reason);
  }

  /** The outlook by the limits of all listeners, because limits may differ by request. */
  private async outlook({ key, user, startedAt }: WatchedSession, waiting: ReadonlySet<Waiting>): Promise<Outlook> {
    const given = new Set(await Promise.all([...waiting].map(async ({ limits }) => limits())));
    let soonest = ENDLESS;
    for (const limits of given) {
      const outlook = await this.timelines.look(key, { user, limits }, startedAt, true);
      if ('ended' in outlook) return outlook;
      if (outlook.left < soonest.left) soonest = outlook;
    }
    return soonest;
  }

  /** In report mode, only revoked sessions end. */
  private async revocation(key: string): Promise<Outlook> {
    try {
      const reason = await this.timelines.reasonOfEnd(key, undefined);
      if (reason === 'revoked') return { ended: reason };
    } catch {
      // A ledger that does not answer ends nothing, either.
    }
    return ENDLESS;
  }
}

const ENDLESS = { left: Infinity, idleFor: 0, authAge: 0 };

/** How long frequent activity may wait, such as that of sockets, in milliseconds. */
const BURST = 1000;
