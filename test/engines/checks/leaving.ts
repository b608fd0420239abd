import { esmStart } from '../../browser/support/html.js';
import { SECOND, until } from '../../browser/support/page.js';
import type { Engine, Tab } from '../support/engine.js';
import { look } from '../support/page.js';
import { visit } from '../support/visitor.js';

/** Notes whether the page comes out of the back/forward cache, and in which frames its secret can be read. */
const NOTES = `<script>
  addEventListener('pageshow', ({ persisted }) => {
    window.restored = persisted;
    window.seen = [];
    const note = () => {
      const secret = document.getElementById('secret');
      window.seen.push(secret ? secret.checkVisibility({ visibilityProperty: true }) : false);
      if (window.seen.length < 500) requestAnimationFrame(note);
    };
    note();
  });
</script>`;

/** Keeps a page out of the back/forward cache: then the ordinary cache shows it again. */
const NOT_KEPT = "<script>addEventListener('unload', () => {});</script>";

interface Noted {
  readonly restored: boolean;
  readonly seen: boolean[];
}

const noted = (tab: Tab): Promise<Noted> =>
  tab.evaluate(() => {
    const { restored, seen } = window as unknown as Noted;
    return { restored, seen };
  });

/** Goes back to a page of the site. */
async function goBack(tab: Tab): Promise<void> {
  const left = await tab.evaluate(() => location.href);
  await tab.evaluate(() => void history.back()).catch(() => undefined);
  const isThere = (from: string): boolean =>
    location.href !== from && /page|login/.test(location.pathname) && document.readyState === 'complete';
  await until(() => tab.evaluate(isThere, left).catch(() => false));
}

/** How a page is left, and what Back shows afterwards. */
export function leaving(engine: Engine): void {
  test('a page that Back brings within a living session is hidden until the server has agreed', async () => {
    const { site, tab, pass, settle } = await visit(engine, { page: { body: NOTES } });
    await pass(SECOND);
    await tab.goto(`${site.origin}/page?n=2`);
    await settle();
    await pass(3 * SECOND);
    site.onPing = (_req, _res, next) => site.after(SECOND, next);
    await goBack(tab);
    const { restored, seen } = await noted(tab);
    if (engine.keepsPages) expect(restored).toBe(true);
    if (restored) {
      expect(await look(tab)).toBe('cover');
      expect(seen).not.toContain(true);
    }
    await pass(2 * SECOND, { step: SECOND });
    expect(await look(tab)).toBe('page');
  });

  describe.each([
    ['by name', false],
    ['on plain http, by address', true],
  ])('%s', (_name, byAddress) => {
    test.each([
      ['a page of the back/forward cache', NOTES],
      ['a page of the ordinary cache', NOTES + NOT_KEPT],
    ])('%s shows nothing private after a sign-out elsewhere', async (_name, body) => {
      const { site, tab, open, pass } = await visit(engine, { page: { body }, byAddress });
      await pass(SECOND);
      const other = await open('/frame');
      await tab.goto(`${site.origin}/frame`);
      await other.evaluate(() => fetch('/logout', { method: 'POST' }).then(({ status }) => status));
      await other.close();
      await pass(2 * SECOND);
      await goBack(tab);
      const { restored = false, seen = [] } = await noted(tab).catch((): Partial<Noted> => ({}));
      if (restored) expect(seen).not.toContain(true);
      await pass(2 * SECOND, { step: 500 });
      expect(await look(tab)).toMatch(/^login|^cover/);
    });

    test('the session is reported, warned of and ended as everywhere', async () => {
      const { tab, pass, status } = await visit(engine, { byAddress });
      await pass(20 * SECOND, { each: () => tab.press('a'), step: 4 * SECOND });
      expect((await status()).idleFor).toBeLessThan(8);
      await pass(42 * SECOND, { step: 2 * SECOND });
      expect(await look(tab)).toBe('warning');
      await pass(20 * SECOND, { step: 2 * SECOND });
      expect(await look(tab)).toBe('login idle');
    });
  });

  test('a page is emptied where the login page has its own path', async () => {
    const { site, tab, pass } = await visit(engine, { options: { redirectTo: '/page#/login' } });
    await tab.evaluate(() => void Object.assign(window, { old: true }));
    await pass(64 * SECOND, { step: 4 * SECOND });
    expect(await tab.evaluate(() => 'old' in window)).toBe(false);
    expect(await look(tab)).toBe('cover');
    expect(await tab.evaluate(() => location.href)).toContain('reason=idle');
    expect(site.loads['/page']).toBe(2);
  });

  test('a `beforeunload` of the page and typed text hold nothing up', async () => {
    const body = `<script>
      addEventListener('beforeunload', (event) => { event.preventDefault(); event.returnValue = 'Stay?'; });
    </script>`;
    const { tab, pass } = await visit(engine, { page: { body } });
    await tab.evaluate(() => document.querySelector<HTMLInputElement>('[name=note]')!.focus());
    await tab.type('a letter');
    await pass(62 * SECOND, { step: 4 * SECOND });
    expect(await look(tab)).toBe('login idle');
  });

  test('a router may lead to the login page itself: `onLeave`', async () => {
    const script = esmStart(`{ onLeave(url, reason) {
      window.asked = [url, reason];
      document.getElementById('secret').remove();
      return true;
    } }`);
    const { site, tab, pass } = await visit(engine, { page: { script } });
    await pass(62 * SECOND, { step: 4 * SECOND });
    expect(await tab.evaluate(() => (window as unknown as { asked: unknown }).asked)).toEqual([
      `${site.origin}/login?reason=idle&returnTo=%2Fpage`,
      'idle',
    ]);
    expect(site.loads['/page']).toBe(1);
  });

  test('pages with the script tag have `window.sessionTimeout`, and `hold()` keeps the session', async () => {
    const { tab, pass, status } = await visit(engine);
    await tab.evaluate("void (window.release = window.sessionTimeout.hold('upload'))");
    await pass(75 * SECOND, { step: 5 * SECOND });
    expect(await look(tab)).toBe('page');
    expect(await tab.evaluate('window.sessionTimeout.snapshot().state')).toBe('active');
    expect(await status()).toMatchObject({ state: 'active' });
    await tab.evaluate('window.release()');
    await pass(62 * SECOND, { step: 4 * SECOND });
    expect(await look(tab)).toBe('login idle');
  });
}
