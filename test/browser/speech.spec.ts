import { heardOn } from './support/accessibility.js';
import { MINUTE, SECOND, warningOf } from './support/page.js';
import type { SiteOptions } from './support/site.js';
import { almostWarned, warnedPage } from './support/warned.js';

describe('what is spoken', () => {
  /** Lets a warning run until shortly before the end; what the live region said, and how long was really left. */
  async function listen(options: SiteOptions = {}) {
    const { page, visitor, site } = await almostWarned(options);
    await page.evaluate(() => {
      const log: [string, number][] = [];
      Object.assign(window, { log });
      new MutationObserver((records) => {
        for (const { target, addedNodes } of records) {
          const inserted = [...addedNodes].some((node) => node instanceof HTMLDialogElement);
          const live = (target instanceof Element ? target : target.parentElement)?.closest('[role=status]');
          if (live || inserted)
            log.push([(live ?? document.querySelector('dialog [role=status]'))?.textContent ?? '', Date.now()]);
        }
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    const end = site.clock.now() + 2 * MINUTE + SECOND;
    // The server's clock is ahead by up to a step, and the page takes the end to be so much earlier.
    await visitor.pass(2 * SECOND, { step: 100 });
    await visitor.pass(MINUTE + 54 * SECOND);
    const log = await page.evaluate(() => (window as never as { log: [string, number][] }).log);
    return { page, log: log.map(([text, at]) => ({ text, left: (end - at) / SECOND })) };
  }

  test('begins in silence, comes at few marks, never twice, and never promises too much time', async () => {
    const { log } = await listen();
    expect(log[0]?.text).toBe('');
    const said = log.slice(1);
    expect(said.length).toBeGreaterThanOrEqual(4);
    expect(said.length).toBeLessThanOrEqual(6);
    expect(new Set(said.map(({ text }) => text)).size).toBe(said.length);
    expect(said[0]?.left).toBeLessThan(119.6);
    for (const { text, left } of said) {
      const [, minutes = 0, seconds = 0] = /^(?:(\d+) minutes?)?,? ?(?:(\d+) seconds?)?/.exec(text) ?? [];
      const spoken = Number(minutes) * 60 + Number(seconds);
      expect(spoken).toBeGreaterThan(0);
      // The clocks of page and server are a few milliseconds apart.
      expect(spoken).toBeLessThanOrEqual(left + 0.1);
      expect(spoken).toBeGreaterThan(left - 13);
    }
  });

  test('comes from an atomic live region inside the dialog; the ticking time is not heard', async () => {
    const { page, visitor } = await warnedPage();
    await visitor.pass(2 * SECOND);
    const status = (await heardOn(page)).find(({ role }) => role === 'status');
    expect(status?.properties).toMatchObject({ live: 'polite', atomic: true });
    expect(await warningOf(page).locator('[role=status]').textContent()).toMatch(/^1 minute, [45]\d seconds/);
    const heard = (await heardOn(page)).filter(({ role }) => role === 'StaticText').map(({ name }) => name);
    expect(heard.join(' ')).not.toMatch(/\d:\d\d/);
    expect(await warningOf(page).textContent()).toMatch(/1:5\d/);
  });
});
