import type { advise } from './inputs/advice.js';
import type { Puzzle } from './inputs/transport.js';
import { ownUrl } from './inputs/own-url.js';
import { loadPart } from './load-extras.js';
import { type SessionTimeoutClient, startInPage } from './page.js';
import { scriptOptions } from './script-options.js';

// Pages that use only the script tag find the client here.
(window as { sessionTimeout?: SessionTimeoutClient }).sessionTimeout = startInPage(
  scriptOptions(import.meta.url),
  adviceLater,
);

/** The advice is in the other file, which is loaded when an answer is odd. */
function adviceLater(url: string): Puzzle {
  return (...odd) => {
    loadPart<{ advise: typeof advise }>(ownUrl(url), 'extras.js')
      .then((part) => part.advise(url, ...odd))
      .catch(() => undefined);
  };
}
