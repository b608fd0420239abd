import type { RequestHandler } from 'express';
import { CHECK_INTERVAL } from '../enforcement/lifecycle/session-lifetime.js';
import { type Duration, readDuration } from '../options/duration.js';

/** The options of an adapter that `withSession()` returns. */
export interface SessionSocketOptions {
  /** The `session({ … })` middleware of the application: the same function that is passed to `app.use()`. */
  readonly session: RequestHandler;
  /** How soon a socket closes if another instance has ended its session. Default `'15s'`. */
  readonly checkInterval?: Duration | undefined;
  /**
   * Other origins whose pages may open sockets, such as `'https://app.example.com'`. Default: none; only pages of the
   * requested host may open sockets.
   */
  readonly origins?: readonly string[] | undefined;
}

/** The options, checked and complete. */
export interface ResolvedSocketOptions {
  readonly session: RequestHandler;
  readonly checkInterval: number;
  readonly origins: ReadonlySet<string>;
}

/** @throws TypeError that says what is wrong */
export function resolveSocketOptions(given: SessionSocketOptions | undefined): ResolvedSocketOptions {
  const { session, checkInterval = CHECK_INTERVAL, origins = [] } = given ?? ({} as Partial<SessionSocketOptions>);
  if (typeof session !== 'function') {
    throw new TypeError(
      'withSession(): the option "session" must be the middleware that session({ … }) of express-session returns. Keep ' +
        'it in a variable, and pass it to app.use() and to the adapter.',
    );
  }
  const milliseconds = readDuration(checkInterval);
  if (milliseconds === undefined) {
    throw new TypeError('withSession(): the option "checkInterval" must be a duration above 0, like "15s".');
  }
  for (const origin of origins) {
    if (!isOrigin(origin)) {
      throw new TypeError(
        `withSession(): the option "origins" must contain origins like "https://app.example.com", not ${JSON.stringify(origin)}.`,
      );
    }
  }
  return { session, checkInterval: milliseconds, origins: new Set(origins) };
}

function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { origin, protocol, host } = new URL(value);
  // Apps in a web view have a scheme of their own, such as `capacitor://localhost`. For URL, these have no origin.
  return value === (origin === 'null' && host !== '' ? `${protocol}//${host}` : origin);
}
