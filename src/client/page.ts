import { type CoreOptions, type SessionTimeoutCore, startCore } from './engine/core.js';
import { together } from './listen.js';
import { pageCover } from './ui/cover.js';
import { departure } from './ui/leave-page.js';
import { guardForms } from './ui/unsaved-forms.js';
import { advice } from './inputs/advice.js';
import { watchFrames } from './inputs/frames.js';
import { serverTimings } from './inputs/server-timing.js';
import { rememberTab } from './tabs/tab-memory.js';
import { browserTabs } from './tabs/tabs.js';
import { warningDialog } from './ui/warning-dialog.js';
import type { LanguageOptions } from './ui/strings.js';

/** Options of `startSessionTimeout()`. */
export interface SessionTimeoutClientOptions extends CoreOptions, LanguageOptions {
  /**
   * The warning. `true` (default): the built-in dialog; `false`: none; a function: it shows a warning of
   * yours and returns the undo. Mark your buttons with `data-session-action`, so that a press on them does
   * not mean "stay".
   */
  readonly dialog?: boolean | ((client: SessionTimeoutClient) => () => void) | undefined;
  /** Whether the browser asks before the user leaves text that was typed and not sent. Default: `true`. */
  readonly forms?: boolean | undefined;
  /** Other origins whose frames may report activity (see `FrameMessage`). Default: none. */
  readonly frameOrigins?: readonly string[] | undefined;
}

/** A running client. */
export type SessionTimeoutClient = SessionTimeoutCore;

const RUNNING = Symbol.for('nestjs-session-timeout.client');

/** Starts the client of this page with all its parts. A second call returns the running client. */
export function startInPage(options: SessionTimeoutClientOptions = {}): SessionTimeoutClient {
  const page = globalThis as { [RUNNING]?: SessionTimeoutClient | undefined };
  if (page[RUNNING]) return page[RUNNING];

  const core = startCore(options, { departure, advice, tabs: browserTabs, timings: serverTimings });
  const client: SessionTimeoutClient = {
    ...core,
    stop() {
      core.stop();
      together(parts)();
      if (page[RUNNING] === client) page[RUNNING] = undefined;
    },
  };
  client.subscribe(() => rememberTab(client.snapshot()));
  const { dialog = true, forms = true, frameOrigins = [] } = options;
  const parts = [pageCover(client, options), watchFrames(client, frameOrigins)];
  if (dialog) parts.push(typeof dialog === 'function' ? dialog(client) : warningDialog(client, options));
  if (forms) parts.push(guardForms());
  return (page[RUNNING] = client);
}
