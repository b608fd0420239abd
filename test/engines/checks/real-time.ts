import { SECOND, until } from '../../browser/support/page.js';
import type { Engine } from '../support/engine.js';
import { look, press } from '../support/page.js';
import { visit } from '../support/visitor.js';

/** A page as it is delivered, with the clocks and timers of the browser itself. */
export function realTime(engine: Engine): void {
  test('without any tool of the tests, somebody is warned, stays, and is signed out on time', async () => {
    const options = { idleTimeout: 3 * SECOND, warnBefore: 1.5 * SECOND };
    const { tab, site } = await visit(engine, { realTime: true, options });
    const sees = (what: string): Promise<void> => until(async () => (await look(tab).catch(() => '')) === what);
    await sees('warning');
    await press(tab, 'Stay signed in');
    await sees('page');
    const start = performance.now();
    await sees('login idle');
    const took = performance.now() - start;
    expect(took).toBeGreaterThan(2.5 * SECOND);
    expect(site.events.map(({ type }) => type)).toEqual(['started', 'expired']);
  });
}
