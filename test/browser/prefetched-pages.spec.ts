import { visit } from './support/browser.js';
import { AUTO } from './support/html.js';
import { isReadable, MINUTE, snapshot, until } from './support/page.js';
import { openSite } from './support/site.js';

/** A page that is open while the browser fetches the next one in advance. Its fetches keep real time. */
async function openBefore(path: string) {
  const rules = `{"prefetch":[{"urls":["${path}"],"eagerness":"immediate"}]}`;
  const body = `<script type="speculationrules">${rules}</script><a id="next" href="${path}">There</a>`;
  const site = await openSite({
    realTime: true,
    options: { idleTimeout: 10 * MINUTE, warnBefore: MINUTE },
    page: { body, script: AUTO },
  });
  const visitor = await visit(site);
  const page = await visitor.open();
  await until(() => site.loads[path] === 1 && site.pings.length > 0 && site.open.size === 0);
  return { site, visitor, page };
}

describe('a page that the browser has fetched in advance', () => {
  test('is loaded again if the user has signed out since then', async () => {
    const { site, visitor, page } = await openBefore('/no-store');
    await visitor.context.request.post(`${site.origin}/logout`);
    // Without the way of a mouse to the link: it makes the page ask, and the answer may take the page away before the click.
    await page.evaluate(() => document.getElementById('next')?.click());
    await page.waitForURL(/no-store/);
    await until(async () => !(await isReadable(page)));
    await page.getByRole('heading', { name: 'Accounts' }).waitFor();
    expect(await isReadable(page)).toBe(false);
  });

  test('is shown while the session goes on', async () => {
    const { page } = await openBefore('/no-store');
    await page.click('#next');
    await page.waitForURL(/no-store/);
    await until(async () => (await snapshot(page).catch(() => undefined))?.state === 'active');
    expect(await isReadable(page)).toBe(true);
    const came = await page.evaluate(() => JSON.stringify(performance.getEntriesByType('navigation')));
    expect(came).toContain('navigational-prefetch');
  });
});
