import { advice } from './inputs/advice.js';
import { type SessionTimeoutClient, type SessionTimeoutClientOptions, startInPage } from './page.js';
import { unknownSnapshot } from './state/snapshot.js';

/**
 * Starts the client of this page with all its parts. A second call returns the running client. On a server, and in tests
 * with jsdom, the client does nothing, and its snapshot is {@link unknownSnapshot}.
 *
 * @example
 * const client = startSessionTimeout({ url: '/session/' });
 */
export function startSessionTimeout(options: SessionTimeoutClientOptions = {}): SessionTimeoutClient {
  return typeof PerformanceObserver === 'undefined' || typeof document === 'undefined'
    ? nowhere
    : startInPage(options, advice);
}

const nothing = (): void => undefined;
const nowhere: SessionTimeoutClient = {
  snapshot: () => unknownSnapshot,
  subscribe: () => nothing,
  stayActive: nothing,
  signOut: nothing,
  check: nothing,
  reportActivity: nothing,
  hold: () => nothing,
  watch: () => nothing,
  whenSignedIn: () => new Promise(nothing),
  stop: nothing,
};
