import type { Request, Response } from 'express';
import { LedgerUnavailableError } from '../../ledger/ledger-unavailable.error.js';
import { attempt, type MaybePromise } from '../../base/maybe-promise.js';
import type { Settings } from '../../options/settings.js';
import type { Reason } from '../../policy/reason.js';
import { TooManySessionsError } from '../timelines/place.errors.js';
import { type EndedSession, knownState, type Outcome } from '../lifecycle/request-session.js';
import { SessionExpiredException } from './session-expired.exception.js';
import { RETRY_AFTER, SessionUnavailableException } from './session-unavailable.exception.js';
import { loginUrl } from './login-url.js';
import { logStoreFailure } from './store-failure.js';
import { TooManySessionsException } from './too-many-sessions.exception.js';

/**
 * Creates the refusal of an ended session. The headers are set here, so that they are present even if a filter of the
 * application answers. A 401 must name a scheme (RFC 9110, section 11.6.1).
 */
export function refusal(
  req: Request,
  res: Response,
  { reason }: Pick<EndedSession, 'reason'>,
  settings: Settings,
): SessionExpiredException {
  note(req, { what: 'refused', why: reason });
  setRefusalHeaders(res, expiredChallenge(reason));
  return new SessionExpiredException(reason, settings.messages[reason], loginUrl(settings, req, reason));
}

/** The challenge in the refusal of an ended session. */
export const expiredChallenge = (reason: Reason) => `Session error="expired", reason="${reason}"`;

/**
 * Sets the headers of an answer that refuses a request, unless headers are out: a handler may find the refusal late.
 *
 * @param challenge the value of `WWW-Authenticate`
 */
export function setRefusalHeaders(res: Response, challenge: string): void {
  if (res.headersSent) return;
  res.setHeader('WWW-Authenticate', challenge);
  // Not `no-store`: if nobody reads such an answer, Chromium keeps no timing of it, and the browser client would miss
  // it.
  res.setHeader('Cache-Control', 'private, no-cache');
}

/**
 * Turns one of our errors into the exception that answers the request: 503 with `Retry-After` if the ledger does not
 * answer or the store fails, and 403 if the user may not have one more session. Returns other errors unchanged.
 */
export function exceptionFor(res: Response | undefined, error: unknown): unknown {
  if (error instanceof LedgerUnavailableError) return sessionUnavailable(res, error, 'the ledger');
  if (res && knownState(res.req)?.http.isOfStore(error)) return storeFailed(res.req, res, error);
  return refusedSignIn(error);
}

/** Turns the error of a sign-in that was refused into the exception that answers it. Returns other errors unchanged. */
export function refusedSignIn(error: unknown): unknown {
  return error instanceof TooManySessionsError ? new TooManySessionsException(error.max, error) : error;
}

/** Creates a 503 for a store that fails. */
export function storeFailed(req: Request, res: Response | undefined, error: unknown): SessionUnavailableException {
  logStoreFailure(req, 'fails', error);
  return sessionUnavailable(res, error);
}

/** Creates a 503 for a request whose session is missing, because its store is disconnected. */
export function storeAway(req: Request, res: Response | undefined): SessionUnavailableException {
  logStoreFailure(req, 'is disconnected');
  return sessionUnavailable(res);
}

/** Creates a 503 with `Retry-After`. The session stays as it is until it can be judged. */
export function sessionUnavailable(
  res: Response | undefined,
  cause?: unknown,
  away: 'the ledger' | 'the session store' = 'the session store',
): SessionUnavailableException {
  if (res) note(res.req, { what: 'not judged', why: `${away} does not answer` });
  if (res && !res.headersSent) res.setHeader('Retry-After', String(RETRY_AFTER));
  return new SessionUnavailableException(cause);
}

function note(req: Request, outcome: Outcome): void {
  const state = knownState(req);
  if (state) state.outcome = outcome;
}

/** Does work for a request, and turns its errors into exceptions as {@link exceptionFor} does. */
export function available<T>(res: Response | undefined, ask: () => MaybePromise<T>): MaybePromise<T> {
  return attempt(
    ask,
    (answer) => answer,
    (error) => {
      throw exceptionFor(res, error);
    },
  );
}
