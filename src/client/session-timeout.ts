import { type CoreOptions, type SessionTimeoutCore, startCore } from './core.js';
import { unknownSnapshot } from './snapshot.js';
import { warningDialog } from './warning-dialog.js';

/** Options of {@link startSessionTimeout}. */
export interface SessionTimeoutClientOptions extends CoreOptions {
  /** The warning: `false` for none, or a function that shows one of its own and returns its undo. Default: the built-in one. */
  readonly dialog?: boolean | ((client: SessionTimeoutClient) => () => void);
}

/** A running client. */
export type SessionTimeoutClient = SessionTimeoutCore;

const RUNNING = Symbol.for('nestjs-session-timeout.client');
type Page = { [RUNNING]?: SessionTimeoutClient | undefined };

/**
 * Starts the client of this page; a second call returns the one that runs. On a server it does
 * nothing, and its snapshot is {@link unknownSnapshot}.
 *
 * @example
 * const client = startSessionTimeout({ url: '/session/' });
 */
export function startSessionTimeout(options: SessionTimeoutClientOptions = {}): SessionTimeoutClient {
  if (typeof document === 'undefined') return nowhere;
  const page = globalThis as Page;
  if (page[RUNNING]) return page[RUNNING];

  const core = startCore(options);
  const parts: (() => void)[] = [];
  const client: SessionTimeoutClient = {
    ...core,
    stop() {
      for (const stop of parts.splice(0)) stop();
      core.stop();
      if (page[RUNNING] === client) page[RUNNING] = undefined;
    },
  };
  const { dialog = true } = options;
  if (typeof dialog === 'function') parts.push(dialog(client));
  else if (dialog) parts.push(warningDialog(client, options));
  return (page[RUNNING] = client);
}

const nothing = (): void => undefined;
const nowhere: SessionTimeoutClient = {
  snapshot: () => unknownSnapshot,
  subscribe: () => nothing,
  stayActive: nothing,
  signOut: nothing,
  reportActivity: nothing,
  hold: () => nothing,
  watch: () => nothing,
  stop: nothing,
};
