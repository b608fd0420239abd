import type { Activity, ActivityLedger, Ending, Opening, Reading } from '../../src/index.js';
import type { Expired, KeyedRecord, UserSessions } from '../../src/ledger/user-sessions.js';
import { MemoryLedger } from '../../src/ledger/memory/memory-ledger.js';
import { ledgerConformance, ManualClock } from '../../src/testing/index.js';

function subject(Ledger: typeof MemoryLedger) {
  const clock = new ManualClock();
  return { clock, ledger: new Ledger({ clock }), pass: (milliseconds: number) => clock.advance(milliseconds) };
}

/** Ledgers that are wrong in one way each. */
const mistakes: Record<string, typeof MemoryLedger> = {
  'a record for whatever is active': class extends MemoryLedger {
    override advance(activities: readonly Activity[]) {
      for (const { key, keepFor } of activities) this.open(key, { keepFor });
      super.advance(activities);
    }
  },
  'activity that moves back': class extends MemoryLedger {
    private readonly idle = new Map<string, number>();
    override advance(activities: readonly Activity[]) {
      for (const { key, idleFor } of activities) this.idle.set(key, idleFor);
      super.advance(activities);
    }
    override read(key: string) {
      const record = super.read(key);
      return record?.state === 'open' ? { ...record, idleFor: this.idle.get(key) ?? record.idleFor } : record;
    }
  },
  'a start that is written again': class extends MemoryLedger {
    override open(key: string, opening: Opening) {
      const record = super.open(key, opening);
      return record.state === 'open' ? { ...record, sessionAge: opening.sessionAge ?? 0, user: opening.user } : record;
    }
  },
  'two callers that both ended it': class extends MemoryLedger {
    override end(key: string, ending: Ending) {
      super.end(key, ending);
      return true;
    }
  },
  'tombstones only where there was a record': class extends MemoryLedger {
    override end(key: string, ending: Ending) {
      return this.read(key) ? super.end(key, ending) : false;
    }
  },
  'ended sessions that open again': class extends MemoryLedger {
    private readonly again = new Set<string>();
    override open(key: string, opening: Opening) {
      if (this.read(key)?.state === 'ended') this.again.add(key);
      return super.open(key, opening);
    }
    override read(key: string) {
      return this.again.has(key) ? ({ state: 'open', sessionAge: 0, idleFor: 0 } as const) : super.read(key);
    }
  },
  'users that it stores, although not every ledger can': class extends MemoryLedger {
    override open(key: string, { user, ...opening }: Opening) {
      return super.open(key, { ...opening, user: user?.replace('\0', '') });
    }
  },
  'reads that are less certain than they say': class extends MemoryLedger {
    override read(key: string, { exact = false }: Reading = {}) {
      const record = super.read(key);
      return record?.state === 'open' && !exact ? { ...record, idleFor: record.idleFor + 5, uncertainty: 4 } : record;
    }
  },
  'reads that are never exact': class extends MemoryLedger {
    override read(key: string) {
      const record = super.read(key);
      return record?.state === 'open' ? { ...record, uncertainty: 1 } : record;
    }
  },
  'records kept for ever': class extends MemoryLedger {
    override open(key: string, opening: Opening) {
      return super.open(key, { ...opening, keepFor: 1e9 });
    }
  },
};

/** Ledgers whose part `users` is wrong in one way each. */
const mistakesAboutUsers: Record<string, (right: UserSessions, ledger: MemoryLedger) => Partial<UserSessions>> = {
  'sessions that are found although they have ended': (right) => {
    const seen = new Map<string, KeyedRecord>();
    return {
      ofUser: async (user) => {
        for (const record of await right.ofUser(user)) seen.set(record.key, record);
        return [...seen.values()].filter((record) => record.user === user);
      },
    };
  },
  'places that are counted first and given later': (right) => ({
    claim: async (user, key, claim) => {
      const { length } = await right.ofUser(user);
      await Promise.resolve();
      const answer = await right.claim(user, key, { ...claim, max: 1000 });
      return length < claim.max ? answer : { admitted: false, members: [], leaving: [] };
    },
  }),
  'sessions of another user that are evicted': (right, ledger) => ({
    claim: (user, key, claim) => {
      for (const evicted of claim.evict) ledger.end(evicted, { reason: 'displaced', keepFor: 1000 });
      return right.claim(user, key, claim);
    },
  }),
  'evicted sessions that are told of once only': (right) => {
    const told = new Set<string>();
    return {
      claim: async (user, key, claim) => {
        const { leaving = [], ...answer } = await right.claim(user, key, claim);
        return { ...answer, leaving: leaving.filter((some) => !told.has(some) && told.add(some)) };
      },
    };
  },
  'a replaced session that keeps its place': (right) => ({
    claim: (user, key, { replaces: _replaces, ...claim }) => right.claim(user, key, claim),
  }),
  'a session that cannot get its place back': (right) => {
    const gone = new Set<string>();
    return {
      claim: async (user, key, claim) => {
        if (gone.has(key)) return { admitted: false, members: [], leaving: [] };
        const answer = await right.claim(user, key, claim);
        for (const some of answer.leaving ?? []) gone.add(some);
        return answer;
      },
    };
  },
  'no lease': (right) => ({ due: (limit) => right.due(limit, 1) }),
  'more than it was asked for': (right) => ({ due: (limit, lease) => right.due(2 * limit, lease) }),
  'an end that two callers have brought about': (right) => {
    const last = new Map<string, Expired>();
    return {
      expire: async (key, expiry) => {
        const expired = (await right.expire(key, expiry)) ?? last.get(key);
        if (expired && 'ended' in expired) last.set(key, expired);
        return expired;
      },
    };
  },
  'limits of the caller that are ignored': (right) => ({
    expire: (key, { keepFor }) => right.expire(key, { keepFor }),
  }),
  'limits of activity that are ignored': (_right, ledger) => {
    const advance = ledger.advance.bind(ledger);
    ledger.advance = (activities) => advance(activities.map(({ limits: _limits, ...activity }) => activity));
    return {};
  },
  'devices that come back changed': (right) => ({
    ofUser: async (user) =>
      (await right.ofUser(user)).map((record) =>
        Object.assign(record, { device: { ...record.device, browser: record.device?.browser?.replaceAll('"', '') } }),
      ),
  }),
  'a proof that nobody has given': (_right, ledger) => {
    const open = ledger.open.bind(ledger);
    ledger.open = (key, { authAge: _authAge, ...opening }) => open(key, opening);
    return {};
  },
};

function subjectAboutUsers(mistake: (typeof mistakesAboutUsers)[string]) {
  const { ledger, pass } = subject(MemoryLedger);
  const right = ledger.users;
  const bound = {
    ofUser: right.ofUser.bind(right),
    claim: right.claim.bind(right),
    release: right.release.bind(right),
    due: right.due.bind(right),
    expire: right.expire.bind(right),
  };
  return { ledger: Object.assign(ledger, { users: { ...bound, ...mistake(bound, ledger) } }), pass };
}

describe('the conformance suite finds', () => {
  test.each(Object.entries(mistakes))('%s', async (_name, Ledger) => {
    const results = await Promise.allSettled(
      ledgerConformance.map(({ check }) => check(subject(Ledger) as { ledger: ActivityLedger })),
    );
    expect(results.filter(({ status }) => status === 'rejected')).not.toEqual([]);
    expect(results.filter(({ status }) => status === 'fulfilled')).not.toEqual([]);
  });

  test.each(Object.entries(mistakesAboutUsers))('%s', async (_name, mistake) => {
    const results = await Promise.allSettled(
      ledgerConformance.map(async ({ needs, check }) => {
        await check(subjectAboutUsers(mistake));
        return needs;
      }),
    );
    const passed = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(passed.length).toBeLessThan(results.length);
    expect(passed).toContain('users');
    // Only the part `users` is wrong.
    expect(passed.filter((needs) => !needs)).toHaveLength(ledgerConformance.filter(({ needs }) => !needs).length);
  });
});

describe('a ledger without `users`', () => {
  test('passes what it has to do, and the suite says what it skips', async () => {
    const results = await Promise.all(
      ledgerConformance.map(async ({ name, needs, check }) => {
        const { ledger, pass } = subject(MemoryLedger);
        return { name, needs, result: await check({ ledger: Object.assign(ledger, { users: undefined }), pass }) };
      }),
    );
    for (const { name, needs, result } of results) {
      expect([name.startsWith('users: '), result]).toEqual(needs ? [true, 'skipped'] : [false, 'passed']);
    }
    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['passed', 'skipped']));
  });
});
