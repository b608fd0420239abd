import { parse } from './attempt.js';
import type { SessionTimeoutClientOptions } from './page.js';

/**
 * Reads the options in the `data-*` attributes of the script tag that loaded the module at `url`. Modules have
 * no `document.currentScript`, so the tag is found by its address.
 */
export function scriptOptions(url: string): SessionTimeoutClientOptions {
  const script = [...document.scripts].find(({ src }) => src === url);
  const { lang, strings, dialog, forms, frameOrigins } = script?.dataset ?? {};
  const texts = parse<SessionTimeoutClientOptions['strings']>(strings);
  if (strings && !texts) console.error('data-strings has to be JSON.', strings);
  return {
    url: new URL('.', url).pathname,
    lang,
    strings: texts,
    dialog: dialog !== 'off',
    forms: forms !== 'off',
    frameOrigins: frameOrigins?.split(/\s+/),
  };
}
