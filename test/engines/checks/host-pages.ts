import type { Request, Response } from 'express';
import { AUTO } from '../../browser/support/html.js';
import { type Client, SECOND, until } from '../../browser/support/page.js';
import type { Engine, Tab } from '../support/engine.js';
import { isFrontmost, look, press, readerOf } from '../support/page.js';
import { TOOLS, visit, warned } from '../support/visitor.js';

/** What the page hears of keys and clicks, before and after the target. */
const LISTENS = `<script>
  window.heard = [];
  for (const type of ['keydown', 'keyup', 'click', 'mousedown'])
    for (const capture of [true, false])
      document.addEventListener(type, (event) => window.heard.push(event.key ?? type), capture);
</script>`;

const heard = (tab: Tab): Promise<string[]> => tab.evaluate(() => (window as unknown as { heard: string[] }).heard);

/** Pages with scripts and styles of their own, some of them hostile. */
export function hostPages(engine: Engine): void {
  test.each(['Escape', 'Enter', 'Space', 'Delete'] as const)(
    'the page hears nothing of %s that answers the warning, though it is let go later',
    async (key) => {
      const { tab, pass } = await warned(engine, { page: { body: LISTENS, script: AUTO } });
      await tab.press(key, () => pass(SECOND, { step: 250 }));
      await pass(SECOND, { step: 250 });
      expect(await look(tab)).toBe('page');
      expect(await heard(tab)).toEqual([]);
      await tab.press('a');
      expect(await heard(tab)).toEqual(['a', 'a', 'a', 'a']);
    },
  );

  test('the page hears nothing of a click that answers the warning', async () => {
    const { tab, pass } = await warned(engine, { page: { body: LISTENS, script: AUTO } });
    await press(tab, 'Stay signed in');
    await pass(SECOND, { step: 250 });
    expect(await look(tab)).toBe('page');
    expect(await heard(tab)).toEqual([]);
  });

  test('the warning can be pressed where the page takes no clicks', async () => {
    const { tab, pass } = await warned(engine, { page: { body: '<style>html{pointer-events:none}</style>' } });
    await pass(SECOND);
    await press(tab, 'Sign out now');
    await pass(SECOND, { step: 250 });
    expect(await look(tab)).toBe('login signed-out');
  });

  test('the warning comes back on top of a dialog that the page opens later, and with its styles', async () => {
    const { tab, pass } = await warned(engine);
    await tab.evaluate(() => {
      const dialog = document.createElement('dialog');
      dialog.style.cssText = 'width:90vw;height:90vh';
      document.body.append(dialog);
      dialog.showModal();
      document.adoptedStyleSheets = [];
    });
    await pass(SECOND, { step: 500 });
    expect(await isFrontmost(tab, 'dialog.session-timeout')).toBe(true);
    expect(await tab.evaluate(() => document.adoptedStyleSheets.length)).toBe(1);
    await press(tab, 'Stay signed in');
    await pass(SECOND, { step: 250 });
    expect(await look(tab)).toBe('page');
  });

  test('a script that clicks and types keeps nobody signed in', async () => {
    const body = `<label><input type="radio" name="r">A</label><label><input type="radio" name="r">B</label>
      <label id="box"><input type="checkbox">C</label>
      <script>
        window.count = 0;
        addEventListener('input', () => window.count++);
        // Timers of the tests run in scripts of WebDriver, in which WebKit runs microtasks earlier than in those of pages.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          document.execCommand('insertText', false, 'x');
          document.querySelector('[type=radio]:not(:checked)').click();
          document.querySelector('#box').click();
        };
        setInterval(() => port2.postMessage('now'), 2000);
      </script>`;
    const { tab, pass } = await visit(engine, { page: { body } });
    await tab.evaluate(() => document.querySelector<HTMLInputElement>('[name=note]')!.focus());
    await pass(44 * SECOND, { step: 4 * SECOND });
    expect(await tab.evaluate(() => (window as unknown as { count: number }).count)).toBeGreaterThan(10);
    expect(await look(tab)).toBe('warning');
    await pass(18 * SECOND, { step: 2 * SECOND });
    expect(await look(tab)).toBe('login idle');
  });

  test.each([
    ['with a <base> of another origin', '<base href="https://cdn.example/assets/">'],
    ['that has a metric called `session`', ''],
  ])('somebody active stays signed in on a page %s', async (_name, body) => {
    const { tab, pass, status } = await visit(engine, {
      page: { body, script: AUTO },
      headers: body ? {} : { 'Server-Timing': 'session;dur=12' },
    });
    await pass(75 * SECOND, { each: readerOf(tab), step: 5 * SECOND });
    expect(await look(tab)).toBe('page');
    expect(await status()).toMatchObject({ state: 'active' });
  });

  test('somebody active stays signed in on a page that has written itself anew', async () => {
    const { tab, pass, status } = await visit(engine);
    await tab.evaluate(() => {
      document.open();
      document.write('<title>New</title><p id="secret">new content</p><input name="note">');
      document.close();
      // The tests take an emptied page for one that is about to be left.
      (window as unknown as { underWay: number }).underWay--;
    });
    await pass(75 * SECOND, { each: readerOf(tab), step: 5 * SECOND });
    expect(await status()).toMatchObject({ state: 'active' });
    expect(await look(tab)).toBe('page');
  });

  test('a form is not sent again when its answer becomes a page of another user', async () => {
    const orders: string[] = [];
    const { tab, pass, signIn } = await visit(engine, {
      page: { body: '<form id="order" method="post" action="/order"></form>' },
      setup(app) {
        app.use('/order', ({ method }: Request, res: Response) => {
          orders.push(method);
          res.set('Cache-Control', 'no-store').type('html').send(`${TOOLS}${AUTO}<p id="secret">ordered</p>`);
        });
      },
    });
    await tab.evaluate(() => document.querySelector<HTMLFormElement>('#order')!.submit());
    // The request arrives while the page before is still there, which is active, too.
    const isActive = () =>
      document.getElementById('secret')?.textContent === 'ordered' &&
      (window as { sessionTimeout?: Client }).sessionTimeout?.snapshot().state === 'active';
    await until(() => tab.evaluate(isActive).catch(() => false));
    await signIn('bob');
    await pass(2 * SECOND);
    await tab.evaluate(() => void dispatchEvent(new Event('focus'))).catch(() => undefined);
    await pass(3 * SECOND, { step: 500 });
    await until(() => orders.length > 1);
    expect(orders).toEqual(['POST', 'GET']);
  });

  test('a new session id of the same user carries the page on; of another user, it loads the page again', async () => {
    const { site, tab, pass, signIn } = await visit(engine);
    await tab.evaluate(() => void Object.assign(window, { old: true }));
    await signIn('alice');
    await pass(2 * SECOND);
    await tab.evaluate(() => void dispatchEvent(new Event('focus')));
    await pass(3 * SECOND, { step: 500 });
    expect(await tab.evaluate(() => 'old' in window)).toBe(true);
    expect(await look(tab)).toBe('page');
    await signIn('bob');
    await pass(2 * SECOND);
    await tab.evaluate(() => void dispatchEvent(new Event('focus'))).catch(() => undefined);
    await pass(3 * SECOND, { step: 500 });
    expect(await tab.evaluate(() => document.getElementById('secret')!.textContent)).toContain('bob');
    expect(site.loads['/page']).toBe(2);
  });
}
