import { isIP } from 'node:net';
import type { Request } from 'express';
import type { AuditedRequest } from '../../policy/audit-entry.js';
import { knownState } from '../lifecycle/request-session.js';
import { requestedPath } from './requested-url.js';

/**
 * Describes a request for the audit trail: who sent it, and from where.
 *
 * @param address the address of the client, if it was read before: a closed connection has none any more
 */
export function auditedRequest(req: Request, address = addressOf(req)): AuditedRequest {
  const session = knownState(req)?.session;
  const known = session?.kind === 'anonymous' ? undefined : session;
  return {
    method: req.method,
    path: requestedPath(req),
    address,
    session: known?.key,
    user: known?.user,
  };
}

/** Returns the address of the client, as Express knows it. */
export function addressOf(req: Request): string | undefined {
  try {
    const { ip = '' } = req;
    // A proxy that is trusted may pass on any text.
    return isIP(ip) ? ip : undefined;
  } catch {
    // The setting `trust proxy` may be a function of the application.
    return undefined;
  }
}
