import type { SessionTimeoutClientOptions } from './session-timeout.js';

/**
 * The options in the `data-*` attributes of the script tag that loaded the module at `url`. Modules
 * have no `document.currentScript`, so the tag is known by its address.
 */
export function scriptOptions(url: string): SessionTimeoutClientOptions {
  const script = [...document.querySelectorAll('script')].find(({ src }) => src === url);
  const { lang, strings, dialog } = script?.dataset ?? {};
  return {
    url: new URL('.', url).pathname,
    lang,
    strings: json(strings),
    dialog: dialog !== 'off',
  };
}

function json(text: string | undefined): SessionTimeoutClientOptions['strings'] {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as SessionTimeoutClientOptions['strings']);
  } catch {
    console.error('nestjs-session-timeout: data-strings is not JSON. The texts stay English.');
    return undefined;
  }
}
