import { SECOND, until } from '../../browser/support/page.js';
import { AUTO } from '../../browser/support/html.js';
import type { Engine } from '../support/engine.js';
import { look, press, readerOf } from '../support/page.js';
import { visit } from '../support/visitor.js';

/** Several tabs, and frames within one. */
export function tabs(engine: Engine): void {
  test('activity in one of two tabs keeps the other without a warning, at the price of one', async () => {
    const { site, tab, open, pass } = await visit(engine);
    const other = await open();
    const before = site.pings.length;
    await pass(70 * SECOND, { each: readerOf(other), step: 5 * SECOND });
    expect(await look(tab)).toBe('page');
    expect(await look(other)).toBe('page');
    expect(site.pings.length - before).toBeLessThan(18);
  });

  test('"Stay signed in" in one tab closes the warning of the other', async () => {
    const { tab: here, open, pass } = await visit(engine);
    const there = await open();
    await pass(39 * SECOND, { step: 13 * SECOND });
    // One tab asks for both.
    await pass(3 * SECOND, { step: 250 });
    expect([await look(here), await look(there)]).toEqual(['warning', 'warning']);
    await press(there, 'Stay signed in');
    await pass(SECOND, { step: 250 });
    expect([await look(here), await look(there)]).toEqual(['page', 'page']);
  });

  test('a sign-out in one tab takes the other to the login page', async () => {
    const { tab: here, open, pass } = await visit(engine);
    const there = await open();
    await there.evaluate('window.sessionTimeout.signOut()');
    await pass(2 * SECOND, { step: 500 });
    expect([await look(here), await look(there)]).toEqual(['login signed-out', 'login signed-out']);
  });

  test('a tab that is closed reports its last activity', async () => {
    const { site, tab, open, pass } = await visit(engine);
    await pass(48 * SECOND, { each: readerOf(tab), step: 4 * SECOND });
    const spare = await open('/frame');
    await pass(2 * SECOND);
    const reports = (): number => site.pings.filter(({ idleFor }) => idleFor !== undefined).length;
    const before = reports();
    await tab.move(400, 20);
    await tab.close();
    await spare.show();
    await until(() => reports() > before);
    site.clock.advance(45 * SECOND);
    expect(await look(await open())).toBe('page');
  });

  test.each([
    ['a frame', '<iframe src="/frame"></iframe>'],
    [
      'a frame in a shadow tree',
      `<div id="host"></div><script>
      document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML = '<iframe src="/frame"></iframe>';</script>`,
    ],
    ['an object', '<object data="/frame" type="text/html" width="300" height="200"></object>'],
  ])('typing in %s of the same origin counts', async (_name, body) => {
    const { tab, pass, status } = await visit(engine, { page: { body, script: AUTO } });
    await pass(SECOND);
    await tab.evaluate(async () => {
      const root = document.getElementById('host')?.shadowRoot ?? document;
      const frame = root.querySelector<HTMLIFrameElement>('iframe,object')!;
      while (!frame.contentDocument?.querySelector('[name=note]')) await new Promise(requestAnimationFrame);
      frame.contentDocument.querySelector<HTMLInputElement>('[name=note]')!.focus();
    });
    await pass(2 * SECOND, { step: SECOND });
    await pass(70 * SECOND, { each: () => tab.press('a'), step: 5 * SECOND });
    expect(await status()).toMatchObject({ state: 'active' });
    expect(await look(tab)).toBe('page');
  });
}
