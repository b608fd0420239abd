import type { Request, Response } from 'express';
import { LedgerUnavailableError } from '../../ledger/layers/bounded-ledger.js';
import { RETRY_AFTER, SessionExpiredException, SessionUnavailableException } from '../session-expired.exception.js';
import { loginUrl } from './login-url.js';
import type { Settings } from '../../options/settings.js';
import type { EndedVisit } from '../lifecycle/request-session.js';

/**
 * The refusal of an ended session. Its headers are set here, so that they are there whatever filter
 * of the application answers. A 401 has to name a scheme (RFC 9110, section 11.6.1).
 */
export function refusal(req: Request, res: Response, visit: EndedVisit, settings: Settings): SessionExpiredException {
  visit.told = true;
  res.setHeader('WWW-Authenticate', `Session error="expired", reason="${visit.reason}"`);
  res.setHeader('Cache-Control', 'no-store');
  return new SessionExpiredException(
    visit.reason,
    settings.messages[visit.reason],
    loginUrl(settings, req, visit.reason),
  );
}

/** Turns a ledger that does not answer into 503 with `Retry-After`; other errors stay what they are. */
export function unavailable(res: Response | undefined, error: unknown): unknown {
  return error instanceof LedgerUnavailableError ? sessionUnavailable(res, error) : error;
}

/** 503 with `Retry-After`: the session stays as it is until it can be judged. */
export function sessionUnavailable(res: Response | undefined, cause?: unknown): SessionUnavailableException {
  if (res && !res.headersSent) res.setHeader('Retry-After', String(RETRY_AFTER));
  return new SessionUnavailableException(cause);
}
