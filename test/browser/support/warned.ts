import type { BrowserContextOptions } from 'playwright-core';
import { visit } from './browser.js';
import { look, MINUTE, SECOND } from './page.js';
import { openSite, type SiteOptions } from './site.js';

export const LONG = { idleTimeout: 15 * MINUTE, warnBefore: 2 * MINUTE } as const;

/** A page whose warning is due in `lead` milliseconds. */
export async function almostWarned(given: SiteOptions = {}, context: BrowserContextOptions = {}, lead = SECOND) {
  const site = await openSite({ ...given, options: { ...LONG, ...given.options } });
  const visitor = await visit(site, context);
  const page = await visitor.open();
  await visitor.pass(13 * MINUTE - lead, { step: 13 * MINUTE - lead });
  expect(await look(page)).toBe('page');
  return { site, visitor, page };
}

/** A page on which the warning shows, with just under two minutes to go. */
export async function warnedPage(given: SiteOptions = {}, context: BrowserContextOptions = {}) {
  const opened = await almostWarned(given, context);
  await opened.visitor.pass(2 * SECOND, { step: 500 });
  expect(await look(opened.page)).toBe('warning');
  return opened;
}
