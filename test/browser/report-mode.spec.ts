import { visit } from './support/browser.js';
import { countDialogs, isReadable, look, MINUTE, readerOf, SECOND, snapshot } from './support/page.js';
import { openSite, type SiteOptions } from './support/site.js';

/** A page of a site that only reports which sessions it would end. */
async function open(given: SiteOptions = {}) {
  const site = await openSite({ ...given, options: { mode: 'report', ...given.options } });
  const visitor = await visit(site);
  const page = await visitor.open();
  const dialogs = await countDialogs(page);
  const told = () => site.events.filter(({ type }) => type === 'would-have-expired');
  return { site, visitor, page, dialogs, told };
}

describe('report mode', () => {
  test('shows nothing to somebody who is away, past both limits', async () => {
    const { site, visitor, page, dialogs, told } = await open({ options: { absoluteTimeout: 2 * MINUTE } });
    await visitor.pass(3 * MINUTE);
    await readerOf(page)();
    await visitor.pass(10 * SECOND);
    expect(await look(page)).toBe('page');
    expect(await page.title()).toBe('Payroll 1');
    expect(await dialogs()).toBe(0);
    expect(site.loads).toEqual({ '/page': 1 });
    expect(told()).toMatchObject([{ reason: 'idle' }]);
  });

  test('knows that somebody is active who only moves the mouse', async () => {
    const { visitor, page, told } = await open();
    await visitor.pass(5 * MINUTE, { each: readerOf(page) });
    const { idleFor } = await visitor.status();
    expect(idleFor).toBeLessThan(15);
    expect(told()).toEqual([]);
  });

  test('leaves the pages of somebody who signs out or in elsewhere to the application', async () => {
    const { site, visitor, page, dialogs } = await open();
    await visitor.pass(2 * SECOND);
    await visitor.context.request.post(`${site.origin}/logout`);
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await visitor.pass(5 * SECOND);
    expect(await snapshot(page)).toMatchObject({ state: 'anonymous', concealed: false });
    await visitor.signIn('bob');
    await visitor.open();
    await visitor.pass(5 * SECOND);
    expect(await snapshot(page)).toMatchObject({ state: 'active', concealed: false });
    await visitor.signIn('carol');
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await visitor.pass(5 * SECOND);
    expect(await isReadable(page)).toBe(true);
    expect(await dialogs()).toBe(0);
    expect(site.loads).toEqual({ '/page': 2 });
  });

  test('shows a page again that the Back button brings, and does not wait for the server', async () => {
    const { site, visitor, page } = await open();
    await page.goto(`${site.origin}/login`);
    await visitor.settle();
    site.onPing = (_req, res) => site.never(res);
    await page.goBack();
    await visitor.settle();
    expect(await look(page)).toBe('page');
    await visitor.pass(10 * SECOND);
    expect(await look(page)).toBe('page');
  });

  test('shows such a page also if the browser has kept it whole', async () => {
    const { site, page, visitor, dialogs } = await open();
    site.onPing = (_req, res) => site.never(res);
    await page.evaluate(() => {
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    const before = await dialogs();
    await visitor.pass(10 * SECOND);
    expect(await look(page)).toBe('page');
    expect(await dialogs()).toBe(before);
  });
});
