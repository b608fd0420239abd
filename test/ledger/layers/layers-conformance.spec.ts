import { layered } from '../../../src/ledger/layers/ledger-stack.js';
import { MemoryLedger } from '../../../src/ledger/memory/memory-ledger.js';
import { ledgerConformance, ManualClock } from '../../../src/testing/index.js';

test.each(ledgerConformance)('the layers around a shared ledger: $name', async ({ check }) => {
  const clock = new ManualClock();
  const shared = Object.assign(new MemoryLedger({ clock }), { shared: true as never });
  const onFailure = () => {};
  const layers = layered(shared, { timeout: 500, onFailure, observe: onFailure, touchInterval: 1, clock });
  await check({ ledger: layers, pass: (milliseconds) => clock.advance(milliseconds) });
  await layers.close?.();
});
