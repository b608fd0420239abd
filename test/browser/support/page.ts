import type { Locator, Page } from 'playwright-core';
import type { SessionSnapshot } from '../../../src/client/state/snapshot.js';
import type { PageTools } from './browser.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** As far as the tests use it. */
export interface Client {
  snapshot(): SessionSnapshot;
  stayActive(): void;
  signOut(): void;
  reportActivity(): void;
  hold(why: string, options?: { maxMs?: number }): () => void;
  watch(view: Window): () => void;
  stop(): void;
}

/** The warning of the client. */
export function warningOf(page: Page): Locator {
  return page.locator('dialog.session-timeout[open]');
}

export function isWarned(page: Page): Promise<boolean> {
  return warningOf(page).isVisible();
}

/** Whether a person could read what is private. */
export function isReadable(page: Page): Promise<boolean> {
  return page.locator('#secret').isVisible();
}

/** What a person sees of a page. */
export async function look(page: Page): Promise<'page' | 'warning' | 'cover' | `login ${string}`> {
  const url = new URL(page.url());
  if (url.pathname === '/login') return `login ${url.searchParams.get('reason') ?? ''}`;
  if (await isWarned(page)) return 'warning';
  return (await isReadable(page)) ? 'page' : 'cover';
}

/** Waits until the page has gone to the login page; returns what it was told there. */
export async function atLogin(page: Page): Promise<URLSearchParams> {
  await page.waitForURL(/\/login\b/, { timeout: 15 * SECOND });
  return new URL(page.url()).searchParams;
}

/** Waits for what a function says to come true, in real time. */
export async function until(what: () => unknown, timeout = 30 * SECOND): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`Never came true: ${String(what)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A way to move the mouse of a page a little, as somebody who reads does. */
export function readerOf(page: Page): () => Promise<void> {
  let step = 0;
  return () => page.mouse.move(100 + (++step % 20) * 5, 100 + (step % 7) * 5);
}

export function snapshot(page: Page): Promise<SessionSnapshot> {
  return page.evaluate(() => {
    const client = (window as never)[Symbol.for('nestjs-session-timeout.client')] as unknown as Client;
    return client.snapshot();
  });
}

/** Lets the clocks of a page leap: that of the day, and the one since its start. */
export function leap(page: Page, wallBy: number, monotonicBy: number): Promise<void> {
  return page.evaluate(
    ([wall, monotonic]) => (window as unknown as PageTools).leap(wall as number, monotonic as number),
    [wallBy, monotonicBy],
  );
}

export function setHidden(page: Page, hidden: boolean): Promise<void> {
  return page.evaluate((hidden) => (window as unknown as PageTools).setHidden(hidden), hidden);
}

/** Counts from now on in how many frames the secret can be read. */
export async function countFlashes(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const { real } = window as unknown as PageTools;
    const flashes = { seen: 0 };
    Object.assign(window, { flashes });
    const look = (): void => {
      const options = { visibilityProperty: true, opacityProperty: true };
      if (document.getElementById('secret')?.checkVisibility(options)) flashes.seen++;
      real.frame(look);
    };
    look();
  });
  return () => page.evaluate(() => (window as never as { flashes: { seen: number } }).flashes.seen);
}

/** Counts from now on how often any dialog of the client shows. */
export async function countDialogs(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const dialogs = { shown: 0 };
    Object.assign(window, { dialogs });
    new MutationObserver(() => {
      if (document.querySelector('dialog[open]')) dialogs.shown++;
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  return () => page.evaluate(() => (window as never as { dialogs: { shown: number } }).dialogs.shown);
}
