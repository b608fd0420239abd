import type { SessionTimeoutCore } from './engine/core.js';
import { loadDrafts } from './drafts/load-drafts.js';
import { watchFrames } from './inputs/frames.js';
import { closeFilms, notePopups, watchPopups } from './inputs/popups.js';
import { keepListening, listenAgain, together } from './listen.js';
import { coverFrames } from './ui/covered/frames.js';
import { keepPopovers } from './ui/covered/popovers.js';
import { coverShadowTrees } from './ui/covered/shadow-trees.js';
import { coverTitle } from './ui/covered/title.js';
import { guardForms } from './ui/forms/unsaved-forms.js';
import type { LanguageOptions, stringsFor } from './ui/strings.js';

// The part that keeps drafts imports these from here.
export { attempt, parse } from './attempt.js';
export * from './drafts/content.js';
export * from './drafts/filling.js';
export * from './drafts/kept-field.js';
export { placeNotice } from './drafts/notice-place.js';
export { finder, placeOf } from './drafts/places.js';
export * from './listen.js';
export { advise } from './inputs/advice.js';
export { pagePath } from './inputs/page-path.js';
export { isIn } from './ui/forms/field.js';
export { watchSaves } from './ui/forms/saves.js';
export { shadowRoots } from './ui/forms/shadow-roots.js';

/** Options of {@link startExtras}. */
export interface ExtrasOptions {
  /** Whether the browser asks before the user leaves a page with unsent text. Default: `true`. */
  readonly forms?: boolean | undefined;
  /**
   * Whether drafts (text that was typed but not sent) are kept, if the server has the option `drafts`. Default: `true`.
   */
  readonly drafts?: boolean | undefined;
  /** Other origins whose frames may report activity (see `FrameMessage`). Default: none. */
  readonly frameOrigins?: readonly string[] | undefined;
}

/**
 * Starts the parts for pages with fields, frames and windows, which are in a separate file. Returns a function that
 * stops them.
 *
 * @param popups the windows that the page has opened and fills itself. More windows may follow.
 * @param texts the texts of the package and of the application
 * @param listenAgainInCore adds the listeners of the first file again. This file has its own
 */
export function startExtras(
  client: SessionTimeoutCore,
  options: ExtrasOptions & LanguageOptions = {},
  popups: Window[] = [],
  texts?: typeof stringsFor,
  listenAgainInCore?: typeof listenAgain,
): () => void {
  const { forms = true, drafts = true, frameOrigins } = options;
  const guard = forms ? guardForms() : undefined;
  const again = (): void => {
    listenAgain();
    listenAgainInCore?.();
  };
  const watch = (view: Window): (() => void) =>
    together([
      client.watch(view),
      keepListening(view.document, again),
      notePopups(view, popups),
      // Its window may go to another origin, and would throw then.
      closeFilms(client, view.document),
    ]);
  return together([
    watchFrames(client, frameOrigins, (view) => together([watch(view), guard?.watch(view)])),
    keepListening(document),
    watchPopups(client, popups, watch),
    closeFilms(client, document),
    coverTitle(client),
    coverFrames(client),
    keepPopovers(),
    'adoptedStyleSheets' in document ? coverShadowTrees(client) : undefined,
    guard,
    drafts && canShareParts() ? loadDrafts(client, () => ({ ...texts?.(options) })) : undefined,
  ]);
}

/**
 * Whether the part that keeps drafts can use this file. It imports it by its plain URL, and not by the one with which it
 * was loaded after a failure.
 */
function canShareParts(): boolean {
  return !import.meta.url.endsWith('?');
}
