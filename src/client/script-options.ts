import { parse } from './attempt.js';
import type { SessionTimeoutClientOptions } from './page.js';

/**
 * Reads the options in the `data-*` attributes of the script tag that loaded the module at `url`. Modules have
 * no `document.currentScript`, so the tag is found by its address.
 */
export function scriptOptions(url: string): SessionTimeoutClientOptions {
  // An element with the name "scripts" takes the place of `document.scripts`.
  const script = [...document.querySelectorAll('script')].find(({ src }) => src === url);
  const { strings, ...data } = { ...script?.dataset };
  const texts = parse<SessionTimeoutClientOptions['strings']>(strings);
  if (strings && !texts) console.error('data-strings is not JSON:', strings);
  return {
    // `lang` and `whenEnded` are used as they are written.
    ...(data as Pick<SessionTimeoutClientOptions, 'lang' | 'whenEnded'>),
    url: new URL('.', url).pathname,
    strings: texts,
    dialog: data['dialog'] !== 'off',
    forms: data['forms'] !== 'off',
    drafts: data['drafts'] !== 'off',
    frameOrigins: data['frameOrigins']?.split(/\s+/),
  };
}
