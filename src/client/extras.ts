import type { SessionTimeoutCore } from './engine/core.js';
import { watchFrames } from './inputs/frames.js';
import { watchPopups } from './inputs/popups.js';
import { together } from './listen.js';
import { guardForms } from './ui/forms/unsaved-forms.js';

/** Options of {@link startExtras}. */
export interface ExtrasOptions {
  /** Whether the browser asks before the user leaves text that was typed and not sent. Default: `true`. */
  readonly forms?: boolean | undefined;
  /** Other origins whose frames may report activity (see `FrameMessage`). Default: none. */
  readonly frameOrigins?: readonly string[] | undefined;
}

/**
 * The parts for pages with fields, frames and windows, which are a file of their own. Returns the undo.
 *
 * @param popups the windows that the page has opened to fill them itself. More may come.
 */
export function startExtras(
  client: SessionTimeoutCore,
  { forms = true, frameOrigins }: ExtrasOptions = {},
  popups: readonly Window[] = [],
): () => void {
  const guard = forms ? guardForms() : undefined;
  const watch = (view: Window): (() => void) => together([client.watch(view), guard?.watch(view)]);
  return together([watchFrames(client, frameOrigins, watch), watchPopups(client, popups), guard]);
}
