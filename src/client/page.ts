import type { ExtrasOptions } from './extras.js';
import { keepListening, together } from './listen.js';
import { loadExtras, loadPart } from './load-extras.js';
import { ownUrl } from './inputs/own-url.js';
import { type MayRun, RUNNING } from './running-client.js';
import { pageCover } from './ui/cover.js';
import { departure, type OnLeave, type Stay } from './ui/leave-page.js';
import type { SignInOptions, SignInPart } from './ui/sign-in-here/options.js';
import type { advice } from './inputs/advice.js';
import { isScriptedInput } from './inputs/scripted-input.js';
import { serverTimings } from './inputs/server-timing.js';
import { rememberTab } from './tabs/tab-memory.js';
import { browserTabs } from './tabs/tabs.js';
import { warningDialog } from './ui/warning-dialog.js';
import { type CoreOptions, type SessionTimeoutCore, startCore } from './engine/core.js';
import { type LanguageOptions, loadStrings } from './ui/strings.js';

/** Options of `startSessionTimeout()`. */
export interface SessionTimeoutClientOptions extends CoreOptions, LanguageOptions, ExtrasOptions, SignInOptions {
  /**
   * The warning. `true` shows the built-in dialog, and `false` shows none. A function shows your own warning, and
   * returns a function that removes it. Mark your buttons with `data-session-action`, so that a press on them does not
   * mean "stay". Default: `true`.
   */
  readonly dialog?: boolean | ((client: SessionTimeoutClient) => () => void) | undefined;
  /** Lets a router lead to the login page (see {@link OnLeave}). Default: none. */
  readonly onLeave?: OnLeave | undefined;
}

/** A running client. */
export interface SessionTimeoutClient extends SessionTimeoutCore {
  /**
   * Resolves when the server has said that the user of this page is signed in. While the session is alive, this is at
   * once. If the user has to sign in again, it resolves after the event `session-timeout:restored`. If the page is
   * left, it never resolves. If the server cannot be reached, it rejects while the page is shown, and waits while the
   * page is covered.
   *
   * @example
   * await client.whenSignedIn();
   * await fetch('/orders', { method: 'POST', body });
   */
  whenSignedIn(): Promise<void>;
}

/**
 * Starts the client of this page with all its parts. A second call returns the running client.
 *
 * @param adviceFor tells developers about mistakes in the set-up
 */
export function startInPage(options: SessionTimeoutClientOptions, adviceFor: typeof advice): SessionTimeoutClient {
  const page = window as MayRun;
  if (page[RUNNING]) return page[RUNNING];

  let { whenEnded, url: given = '/session/', dialog = true } = options;
  // A router may change the URL of the page, from which a relative URL starts.
  const url = ownUrl(given);
  let file = 'sign-in-here.js';
  /** Uses the part that signs in again. After a failure, browsers load it only from another URL. */
  const signIn = (...end: Parameters<Stay> | []): Promise<void> =>
    loadPart<SignInPart>(url, file).then(
      (part) => part.signInHere(client, options, url, ...end),
      (error) => {
        file += '?';
        throw error;
      },
    );
  const stay: Stay = (reopen, ...end) =>
    whenEnded === 'sign-in-here' &&
    signIn(reopen, ...end).catch(() => {
      // From now on, pages are left at the end of a session.
      whenEnded = undefined;
      reopen();
    });
  const leave: typeof departure = (isUsed, stop) => departure(isUsed, stop, options.onLeave, stay);
  const core = startCore(options, {
    departure: leave,
    isScriptedInput,
    advice: adviceFor,
    tabs: browserTabs,
    timings: serverTimings,
  });
  const client: SessionTimeoutClient = (page[RUNNING] = {
    ...core,
    whenSignedIn: signIn,
    stop() {
      core.stop();
      together(parts)();
      if (page[RUNNING] === client) page[RUNNING] = undefined;
    },
  });
  // Older browsers get neither a cover nor a warning. Those with adopted style sheets have modal dialogs, too.
  const canShow = 'adoptedStyleSheets' in document;
  const parts = [
    client.subscribe(() => {
      rememberTab(url, client.snapshot());
      // A page may change its language.
      void loadStrings(options, url);
    }),
    loadExtras(client, url, options),
    // `document.open()` removes all listeners, and replaces the root of the document.
    keepListening(document),
    canShow && pageCover(client, options),
  ];
  // It may stop the client at once.
  parts.push(typeof dialog === 'function' ? dialog(client) : dialog && canShow && warningDialog(client, options));
  return client;
}
