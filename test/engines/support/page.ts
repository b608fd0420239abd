import type { Tab } from './engine.js';

/** What a person sees of a page. */
export type Look = 'page' | 'warning' | 'cover' | `login ${string}`;

/** What a person sees of a page. */
export function look(tab: Tab): Promise<Look> {
  return tab.evaluate(() => {
    const { pathname, searchParams } = new URL(location.href);
    if (pathname === '/login') return `login ${searchParams.get('reason') ?? ''}` as const;
    if (document.querySelector('dialog.session-timeout[open]')?.checkVisibility()) return 'warning';
    const isReadable = document.getElementById('secret')?.checkVisibility({ visibilityProperty: true });
    return isReadable ? 'page' : 'cover';
  });
}

/** Clicks on the first element that fits a CSS selector, perhaps only on one with this text. */
export async function clickOn(tab: Tab, selector: string, text?: string): Promise<void> {
  const middle = await tab.evaluate(
    (selector, text) => {
      const fitting = [...document.querySelectorAll(selector)];
      const element = fitting.find(({ textContent }) => text === null || textContent === text);
      if (!element?.checkVisibility({ visibilityProperty: true })) return null;
      const { left, top, width, height } = element.getBoundingClientRect();
      return [left + width / 2, top + height / 2] as const;
    },
    selector,
    text ?? null,
  );
  if (!middle) throw new Error(`Nothing to click on: ${selector} ${text}`);
  await tab.click(...middle);
}

export const press = (tab: Tab, button: string): Promise<void> => clickOn(tab, 'button', button);

/** The texts of the buttons that can be seen. */
export const buttons = (tab: Tab): Promise<string[]> =>
  tab.evaluate(() =>
    [...document.querySelectorAll('dialog[open] button')]
      .filter((button) => button.checkVisibility({ visibilityProperty: true }))
      .map(({ textContent }) => textContent ?? ''),
  );

/** What has the focus: a name, an id, or a text. */
export const focused = (tab: Tab): Promise<string> =>
  tab.evaluate(() => {
    const { id, textContent, tagName } = document.activeElement!;
    return document.activeElement!.getAttribute('name') || id || (tagName === 'BUTTON' && textContent) || tagName;
  });

/** A way to move the mouse a little, as somebody who reads does. */
export function readerOf(tab: Tab): () => Promise<void> {
  let step = 0;
  return () => tab.move(100 + (++step % 20) * 5, 100 + (step % 7) * 5);
}

/** What the page told the console of errors. */
export const errorsOf = (tab: Tab): Promise<string[]> =>
  tab.evaluate(() => (window as unknown as { errors: string[] }).errors);

/** Whether an element lies on top of everything else, in its middle. */
export const isFrontmost = (tab: Tab, selector: string): Promise<boolean> =>
  tab.evaluate((selector) => {
    const element = document.querySelector(selector)!;
    const { left, top, width, height } = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  }, selector);

/** Whether any pixel of the tab has a colour, given as `#rgb`. */
export async function paints(tab: Tab, colour: string): Promise<boolean> {
  return tab.evaluate(
    async (png, colour) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      const { width, height } = Object.assign(canvas, { width: image.width, height: image.height });
      const paper = canvas.getContext('2d')!;
      paper.drawImage(image, 0, 0);
      const { data } = paper.getImageData(0, 0, width, height);
      const wanted = Array.from(colour.slice(1), (digit) => Number.parseInt(digit, 16) * 17);
      for (let at = 0; at < data.length; at += 4) {
        if (wanted.every((value, channel) => Math.abs(data[at + channel]! - value) < 8)) return true;
      }
      return false;
    },
    await tab.screenshot(),
    colour,
  );
}
