import { jest } from '@jest/globals';
import fc from 'fast-check';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { judge } from '../../../src/policy/verdict.js';
import type { Activity } from '../../../src/index.js';
import { DAY } from '../../support/time.js';

/** Everything runs on Jest's clock, so that timers go off when the clock gets there. */
const clock = { now: () => performance.now() };
const limits = { idleTimeout: 20_000, absoluteTimeout: 300_000, warnBefore: 1000 };
const WITHIN = limits.idleTimeout / 20;
const KEY = 'session';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** What several instances share. */
class SharedLedger extends MemoryLedger {
  override readonly shared = true as never;
  writes = 0;
  constructor() {
    super({ clock });
  }
  override advance(activities: readonly Activity[]) {
    this.writes += 1;
    super.advance(activities);
  }
}

/** Several instances, judging and recording as the module does. */
class Instances {
  readonly ledger = new SharedLedger();
  private readonly running: CoalescingLedger[];

  constructor(count: number) {
    this.running = Array.from({ length: count }, () => this.start());
    void this.ledger.open(KEY, { keepFor: DAY });
  }

  /** A request: the session is judged and then, if it is alive, the activity recorded. */
  async request(index: number, idleFor?: number, by = limits, within = WITHIN): Promise<string> {
    const instance = this.running[index] as CoalescingLedger;
    const record = await instance.read(KEY);
    if (record?.state !== 'open') return record?.reason ?? 'gone';
    const verdict = judge(record, by);
    if (!verdict.alive) {
      await instance.end(KEY, { reason: verdict.reason, keepFor: DAY });
      return verdict.reason;
    }
    if (idleFor !== undefined && idleFor < record.idleFor) {
      await instance.advance([{ key: KEY, idleFor, keepFor: DAY, within }]);
    }
    return 'alive';
  }

  /** SIGTERM: what waits is written. */
  async stop(index: number): Promise<void> {
    await this.running[index]?.close();
    this.running[index] = this.start();
  }

  /** SIGKILL: what waits is gone. */
  kill(index: number): void {
    const dead = this.running[index] as unknown as { sessions: Map<string, unknown> };
    dead.sessions.clear();
    this.running[index] = this.start();
  }

  async revoke(index: number): Promise<void> {
    await this.running[index]?.end(KEY, { reason: 'revoked', keepFor: DAY });
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.running.map((instance) => instance.close()));
    this.ledger.close();
  }

  private start(): CoalescingLedger {
    return new CoalescingLedger(this.ledger, { within: WITHIN, clock });
  }
}

/** One machine that knows everything at once. */
class Model {
  private readonly startedAt = clock.now();
  private activeAt = clock.now();
  private ended: string | undefined;

  request(idleFor?: number, by = limits): string {
    if (this.ended) return this.ended;
    const now = clock.now();
    const verdict = judge({ sessionAge: now - this.startedAt, idleFor: now - this.activeAt }, by);
    if (!verdict.alive) return (this.ended = verdict.reason);
    if (idleFor !== undefined) this.activeAt = Math.max(this.activeAt, now - idleFor);
    return 'alive';
  }

  /** How long nobody did anything. */
  get idleFor(): number {
    return clock.now() - this.activeAt;
  }

  end(reason: string): void {
    this.ended ??= reason;
  }
}

const COUNT = 2;
/** Where limits differ by request. */
const idleTimeouts = [50, 500, limits.idleTimeout];
const instance = fc.nat({ max: COUNT - 1 });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('request' as const), instance }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('passive' as const), instance }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('report' as const),
      instance,
      later: fc.oneof(fc.nat({ max: WITHIN }), fc.nat({ max: limits.idleTimeout })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), instance }) },
);
const crash = { weight: 4, arbitrary: fc.record({ do: fc.constant('kill' as const), instance }) };
const revoke = { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), instance }) };
/** Pauses that matter: around the interval, just before the idle limit, and at it. */
const pause = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: WITHIN * 1.5 }) },
  { weight: 4, arbitrary: fc.nat({ max: 4 * WITHIN }).map((before) => limits.idleTimeout - 1 - before) },
  { weight: 1, arbitrary: fc.nat({ max: 5 }).map((after) => limits.idleTimeout + after) },
);
type Step = { do: 'request' | 'passive' | 'report' | 'stop' | 'kill' | 'revoke'; instance: number; later?: number };
const history = (steps: fc.Arbitrary<Step>) => fc.array(fc.tuple(pause, steps), { minLength: 1, maxLength: 30 });

/** @returns the verdict, of a step that is judged */
async function play(instances: Instances, step: Step, idleFor: number | undefined): Promise<string | undefined> {
  switch (step.do) {
    case 'request':
    case 'passive':
    case 'report':
      return instances.request(step.instance, idleFor);
    case 'stop':
      return void (await instances.stop(step.instance));
    case 'kill':
      return instances.kill(step.instance) as undefined;
    case 'revoke':
      return void (await instances.revoke(step.instance));
  }
}

/** How long ago the activity was that a step tells of. A report knows of some `later` than is known here. */
function activityOf({ do: what, later = 0 }: Step, model: Model): number | undefined {
  if (what === 'report') return Math.max(0, model.idleFor - later);
  return what === 'request' ? 0 : undefined;
}

describe('several instances that coalesce', () => {
  test('judge every request like one machine with complete knowledge', async () => {
    await fc.assert(
      fc.asyncProperty(history(fc.oneof(step, revoke) as fc.Arbitrary<Step>), async (steps) => {
        const instances = new Instances(COUNT);
        const model = new Model();
        for (const [milliseconds, step] of steps) {
          await jest.advanceTimersByTimeAsync(milliseconds);
          const activity = activityOf(step, model);
          const verdict = await play(instances, step, activity);
          if (step.do === 'revoke') model.end('revoked');
          if (verdict !== undefined) expect(verdict).toBe(model.request(activity));
        }
        await instances.stopAll();
      }),
      { numRuns: 500 },
    );
  });

  test('end a session at most two intervals early when an instance is killed', async () => {
    await fc.assert(
      fc.asyncProperty(history(fc.oneof(step, crash) as fc.Arbitrary<Step>), async (steps) => {
        const instances = new Instances(COUNT);
        const model = new Model();
        for (const [milliseconds, step] of steps) {
          await jest.advanceTimersByTimeAsync(milliseconds);
          const inDoubt = model.idleFor >= limits.idleTimeout - 2 * WITHIN;
          const activity = activityOf(step, model);
          const verdict = await play(instances, step, activity);
          if (verdict === undefined) continue;
          if (verdict === 'idle' && inDoubt) model.end('idle');
          expect(verdict).toBe(model.request(activity));
        }
        await instances.stopAll();
      }),
      { numRuns: 1000 },
    );
  });

  test('judge every request like one machine if limits differ by request, as no activity waits', async () => {
    const pauses = fc.oneof(
      { weight: 4, arbitrary: fc.nat({ max: WITHIN }) },
      {
        weight: 4,
        arbitrary: fc.constantFrom(...idleTimeouts).chain((limit) => fc.integer({ min: limit - 3, max: limit })),
      },
    );
    const requests = fc.record({
      pause: pauses,
      instance,
      isActive: fc.boolean(),
      idleTimeout: fc.constantFrom(...idleTimeouts),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: 30 }), async (steps) => {
        const instances = new Instances(COUNT);
        const model = new Model();
        for (const { pause: milliseconds, instance: index, isActive, idleTimeout } of steps) {
          await jest.advanceTimersByTimeAsync(milliseconds);
          const by = { ...limits, idleTimeout };
          const activity = isActive ? 0 : undefined;
          expect(await instances.request(index, activity, by, 0)).toBe(model.request(activity, by));
        }
        await instances.stopAll();
      }),
      { numRuns: 500 },
    );
  });

  test('write once per interval and instance, and always write the last activity', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat({ max: WITHIN / 5 }), instance), { minLength: 50 }),
        async (requests) => {
          const instances = new Instances(COUNT);
          const startedAt = clock.now();
          for (const [milliseconds, index] of requests) {
            await jest.advanceTimersByTimeAsync(milliseconds);
            await instances.request(index, 0);
          }
          const lastAt = clock.now();
          const { ledger } = instances;
          expect(ledger.writes).toBeLessThanOrEqual(COUNT * ((lastAt - startedAt) / WITHIN + 1));
          await jest.advanceTimersByTimeAsync(WITHIN);
          expect(ledger.read(KEY)).toMatchObject({ idleFor: clock.now() - lastAt });
          await instances.stopAll();
        },
      ),
      { numRuns: 50 },
    );
  });
});
