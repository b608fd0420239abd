import { type Answer, Browser, type Instance } from '../../instances/support/instances.js';
import { sleep } from '../../instances/support/binaries.js';
import { Expectation, type SoakLimits } from './expectation.js';
import type { Observer } from './findings.js';

/** What a person needs of the soak around them. */
export interface World {
  readonly limits: SoakLimits;
  readonly observer: Observer;
  /** Whether to go on. */
  isRunning(): boolean;
  /** One of the instances, by chance. */
  instance(): Instance;
  /** A number from 0 to 1, by chance. */
  chance(): number;
}

/** One of the users of a soak, who signs in again and again. */
export class Person {
  private readonly old: Expectation[] = [];

  constructor(
    readonly name: string,
    private readonly world: World,
  ) {}

  async live(): Promise<void> {
    const { world } = this;
    const plans = [this.work, this.walkAway, this.signOut, this.race, this.poll];
    await sleep(world.chance() * world.limits.idleTimeout);
    while (world.isRunning()) {
      const session = await this.signIn();
      if (!session) continue;
      const plan = plans[Math.floor(world.chance() * plans.length)] as (session: Expectation) => Promise<void>;
      await Reflect.apply(plan, this, [session]);
      this.old.push(session);
      await this.tryOldCookie();
    }
  }

  private async signIn(): Promise<Expectation | undefined> {
    const { limits, observer } = this.world;
    const browser = new Browser();
    const from = performance.now();
    const answer = await this.answerOf('/login', (to) => browser.post(to, '/login', { user: this.name }));
    if (answer?.status !== 201 || browser.cookie === undefined) {
      await sleep(limits.idleTimeout / 20);
      return undefined;
    }
    const expectation = new Expectation(this.name, browser.cookie, { from, to: performance.now() }, limits);
    // What was deleted meanwhile may have been this session.
    if (observer.disturbances.some(({ kind, to }) => kind === 'flush' && to >= from)) expectation.mayEnd(from);
    observer.expectations.push(expectation);
    return expectation;
  }

  /** Works until the session is over, as it is at the absolute limit. */
  private async work(session: Expectation): Promise<void> {
    while (this.world.isRunning() && !session.isKnownOver) {
      await this.pause(0.3);
      await this.ask(session, '/me');
    }
  }

  /** Works a little, and comes back when the idle limit is over. */
  private async walkAway(session: Expectation): Promise<void> {
    await this.workALittle(session);
    await sleep(Math.max(0, session.end.to - performance.now()) + this.world.limits.slack);
    await this.ask(session, '/me');
  }

  private async signOut(session: Expectation): Promise<void> {
    await this.workALittle(session);
    await this.leave(session);
    await this.ask(session, '/me');
  }

  /** Does several things at once, at several instances. */
  private async race(session: Expectation): Promise<void> {
    const many = Array.from({ length: 3 }, () => this.ask(session, this.world.chance() < 0.5 ? '/me' : '/feed'));
    await Promise.all([...many, this.leave(session), this.leave(session)]);
    await this.ask(session, '/me');
  }

  /** A page that asks by itself, and nobody in front of it. */
  private async poll(session: Expectation): Promise<void> {
    while (this.world.isRunning() && !session.isKnownOver) {
      await this.pause(0.2);
      await this.ask(session, '/feed');
    }
  }

  private async workALittle(session: Expectation): Promise<void> {
    for (let times = this.world.chance() * 4; times > 1; times -= 1) {
      await this.pause(0.3);
      await this.ask(session, '/me');
    }
  }

  /** Whoever has stolen a cookie keeps it. */
  private async tryOldCookie(): Promise<void> {
    const session = this.old[Math.floor(this.world.chance() * this.old.length)];
    if (session) await this.ask(session, '/me');
  }

  private async leave(session: Expectation): Promise<void> {
    session.mayEnd(performance.now());
    const answer = await this.answerOf('/logout', (to) => this.browserOf(session).post(to, '/logout'));
    if (answer?.status === 201) session.isOver(performance.now());
  }

  private async ask(session: Expectation, path: '/me' | '/feed'): Promise<void> {
    const { observer } = this.world;
    const from = performance.now();
    const mustBeOver = session.mustBeOver(from);
    const counts = path === '/me';
    if (counts) session.asks();
    const answer = await this.answerOf(path, (to) => this.browserOf(session).get(to, path));
    const to = performance.now();
    const user = answer?.status === 200 ? (answer.body['user'] as string | null) : undefined;
    const isServed = user === session.user;
    const mustGoOn = session.mustGoOn(to);
    if (counts) session.answered({ from, to }, isServed);

    const place = `${session.user} ${session.hash}, ${path} from ${Math.round(from)} to ${Math.round(to)} ms`;
    if (isServed && mustBeOver) observer.letIn.push(place);
    if (typeof user === 'string' && !isServed) observer.mistaken.push(`${place}: ${user}`);
    const isRefused = answer?.status === 401 || user === null;
    if (isRefused && mustGoOn) {
      const since = session.activeSince;
      const meanwhile = observer.troublesBetween(since, to);
      observer.signedOut.push(
        `${place}: ${String(answer?.body['reason'] ?? 'anonymous')}; active at ${Math.round(since)} ms; ${meanwhile}`,
      );
    }
    if (isRefused) session.isOver(to);
  }

  /** The answer; `undefined` if the server is not available. */
  private async answerOf(path: string, ask: (to: Instance) => Promise<Answer>): Promise<Answer | undefined> {
    const { observer } = this.world;
    observer.requests += 1;
    const answer = await ask(this.world.instance()).catch(() => undefined);
    // These handlers call the store. If that fails, it is their own error.
    const callsStore = path === '/login' || path === '/logout';
    const isAway = answer?.status === 503 || (callsStore && answer?.status === 500 && observer.isDisturbed());
    if (answer === undefined || isAway) {
      observer.unavailable += 1;
      return undefined;
    }
    if (answer.status >= 400 && answer.status !== 401) {
      const at = Math.round(performance.now());
      observer.failed.push(`${this.name}, ${path} at ${at} ms: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer;
  }

  private browserOf({ cookie }: Expectation): Browser {
    const browser = new Browser();
    browser.cookie = cookie;
    return browser;
  }

  /** At most this part of the idle limit. */
  private pause(part: number): Promise<void> {
    return sleep(this.world.chance() * part * this.world.limits.idleTimeout);
  }
}
