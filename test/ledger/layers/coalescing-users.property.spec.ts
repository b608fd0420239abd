import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { CoalescingLedger } from '../../../src/ledger/layers/coalescing-ledger.js';
import { DAY } from '../../support/time.js';
import { active, IDLE, instanceOn, limits, longer, usersOf, WITHIN } from './support/coalesced-users.js';
import { clock, pass, SharedLedger } from './support/shared-ledger.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('two instances that sweep', () => {
  const KEYS = ['a'];
  const instance = fc.nat({ max: 1 });
  const key = fc.constantFrom(...KEYS);
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('activity' as const), instance, key }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('report' as const),
        instance,
        key,
        later: fc.oneof(fc.nat({ max: WITHIN }), fc.nat({ max: IDLE })),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('expire' as const), instance, key }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const), instance, key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('claim' as const), instance, key }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lengthen' as const), instance, key }) },
  );
  /** Pauses that matter: around the interval, just before the idle limit, and at it. */
  const pause = fc.oneof(
    { weight: 8, arbitrary: fc.nat({ max: WITHIN * 1.5 }) },
    { weight: 4, arbitrary: fc.nat({ max: WITHIN + 5 }).map((before) => IDLE - 1 - before) },
    { weight: 1, arbitrary: fc.nat({ max: 5 }).map((after) => IDLE + after) },
  );
  interface Step {
    do: 'activity' | 'report' | 'expire' | 'sweep' | 'claim' | 'lengthen';
    instance: number;
    key: string;
    later?: number;
  }
  type Model = {
    activeAt: number;
    /** The instance that has seen the last activity. */
    activeOn: CoalescingLedger | undefined;
    idleTimeout: number;
    ended: boolean;
    isLeaving: boolean;
  };

  test('property: end nobody who was active less than the idle limit ago, and nobody twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(pause, step as fc.Arbitrary<Step>), { minLength: 1, maxLength: 25, size: 'max' }),
        async (steps) => {
          const ledger = new SharedLedger();
          const instances = [0, 1].map(() => instanceOn(ledger));
          const model = new Map<string, Model>();
          for (const key of KEYS) {
            await instances[0]?.open(key, { user: 'alice', limits, keepFor: DAY });
            model.set(key, {
              activeAt: clock.now(),
              activeOn: instances[0],
              idleTimeout: IDLE,
              ended: false,
              isLeaving: false,
            });
          }
          const expire = async (by: CoalescingLedger, key: string) => {
            const known = model.get(key) as Model;
            const expired = await usersOf(by).expire(key, { keepFor: DAY });
            const isOver = clock.now() - known.activeAt >= known.idleTimeout;
            if (known.ended) expect(expired).toBeUndefined();
            else if (known.isLeaving) expect(expired).toMatchObject({ ended: 'displaced' });
            else if (isOver) expect(expired).toMatchObject({ ended: 'idle' });
            else if (known.activeOn === by)
              expect(expired).toEqual({ dueIn: known.activeAt + known.idleTimeout - clock.now() });
            else expect(expired).toMatchObject({ dueIn: expect.any(Number) });
            known.ended ||= known.isLeaving || isOver;
          };
          for (const [milliseconds, { do: what, instance, key, later = 0 }] of steps) {
            await pass(milliseconds);
            const by = instances[instance] as CoalescingLedger;
            const known = model.get(key) as Model;
            const isAlive = !known.ended && clock.now() - known.activeAt < known.idleTimeout;
            if (what === 'expire') await expire(by, key);
            else if (what === 'sweep') for (const due of await usersOf(by).due(10, WITHIN)) await expire(by, due);
            else if (what === 'claim') {
              const evict = [key];
              const { leaving = [] } = await usersOf(by).claim('alice', 'claimed', { max: KEYS.length, evict });
              for (const some of leaving) (model.get(some) as Model).isLeaving = true;
            } else if (isAlive) {
              // A request: whoever is over is not recorded as active. A report knows of activity `later` than is known.
              const idleFor = what === 'report' ? Math.max(0, clock.now() - known.activeAt - later) : 0;
              if (what === 'lengthen') known.idleTimeout = 10 * IDLE;
              await by.advance(active(key, what === 'lengthen' ? longer : limits, idleFor));
              if (idleFor < clock.now() - known.activeAt) {
                Object.assign(known, { activeAt: clock.now() - idleFor, activeOn: by });
              }
            }
            for (const [key, { ended }] of model) if (ended) expect((await by.read(key))?.state).toBe('ended');
          }
          await Promise.all(instances.map((one) => one.close()));
          for (const [key, { ended }] of model) if (ended) expect(ledger.read(key)?.state).toBe('ended');
          ledger.close();
        },
      ),
      // To shrink a failure takes longer than the test may.
      { numRuns: 1000, endOnFailure: true },
    );
  });
});
