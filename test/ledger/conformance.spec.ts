import type { Activity, ActivityLedger, Ending, Opening, Reading } from '../../src/index.js';
import { MemoryLedger } from '../../src/index.js';
import { ledgerConformance, ManualClock } from '../../src/testing/index.js';

function subject(Ledger: typeof MemoryLedger) {
  const clock = new ManualClock();
  return { ledger: new Ledger({ clock }), pass: (milliseconds: number) => clock.advance(milliseconds) };
}

describe('MemoryLedger', () => {
  test.each(ledgerConformance)('$name', ({ check }) => check(subject(MemoryLedger)));
});

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

describe('the conformance suite finds', () => {
  test.each(Object.entries(mistakes))('%s', async (_name, Ledger) => {
    const results = await Promise.allSettled(
      ledgerConformance.map(({ check }) => check(subject(Ledger) as { ledger: ActivityLedger })),
    );
    expect(results.filter(({ status }) => status === 'rejected')).not.toEqual([]);
    expect(results.filter(({ status }) => status === 'fulfilled')).not.toEqual([]);
  });
});
