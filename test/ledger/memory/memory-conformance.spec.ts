import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { ledgerConformance, ManualClock } from '../../../src/testing/index.js';

test.each(ledgerConformance)('the memory ledger: $name', ({ check }) => {
  const clock = new ManualClock();
  return check({ ledger: new MemoryLedger({ clock }), pass: (milliseconds) => clock.advance(milliseconds) });
});
