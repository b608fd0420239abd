import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';
import type { PageTools } from './browser.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong, as `rule: elements`. All rules, also the advisory ones, but those for whole pages. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    // axe waits with timers, and the page's stand still.
    const { setTimeout: theirs } = window;
    window.setTimeout = (window as unknown as PageTools).real.soon;
    const { axe: tool } = window as unknown as { axe: typeof axe };
    const found = await tool.run(document, { rules: { region: { enabled: false } } });
    window.setTimeout = theirs;
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** A node of the accessibility tree: what a screen reader is told. */
export interface Heard {
  readonly role: string;
  readonly name: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The accessibility tree of a page, without what is hidden from it. */
export async function heardOn(page: Page): Promise<Heard[]> {
  const devtools = await page.context().newCDPSession(page);
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  await devtools.detach();
  return nodes
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, description, properties = [] }) => ({
      role: String(role?.value ?? ''),
      name: String(name?.value ?? ''),
      description: String(description?.value ?? ''),
      properties: Object.fromEntries(properties.map(({ name, value }) => [name, value.value])),
    }));
}
