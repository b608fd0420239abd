import { isIP } from 'node:net';
import type { Request } from 'express';
import type { AuditedRequest } from '../../policy/audit-entry.js';
import { knownState } from '../lifecycle/request-session.js';
import { requestedPath } from './requested-url.js';

/** Describes a request for the audit trail: who sent it, and from where. */
export function auditedRequest(req: Request): AuditedRequest {
  const session = knownState(req)?.session;
  const known = session?.kind === 'anonymous' ? undefined : session;
  const { ip = '' } = req;
  return {
    method: req.method,
    path: requestedPath(req),
    // A proxy that is trusted may pass on any text.
    address: isIP(ip) ? ip : undefined,
    session: known?.key,
    user: known?.user,
  };
}
