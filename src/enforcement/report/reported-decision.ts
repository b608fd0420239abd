import { sessionKey } from '../../express-session/session-key.js';
import type { Decision } from '../lifecycle/decision.js';

const ANONYMOUS: Decision = { kind: 'anonymous' };

/**
 * The rule of report mode: what is carried out in place of a decision. Times are recorded, and sessions and users are
 * left alone. Only what somebody has revoked is ended: that was asked for.
 */
export function asReported(decision: Decision): Decision {
  switch (decision.kind) {
    case 'continue':
    case 'refuse': {
      // An id that was not moved may have passed from one user to another, so that a `refuse` may be wrong.
      const { key, record, subject } = decision;
      return { kind: 'continue', key, record, subject, isMarked: true };
    }
    case 'expire':
      return afterExpiry(decision);
    case 'begin':
    case 'move':
    case 'observe':
      return { kind: 'observe', owner: decision.owner, isMarked: false };
    case 'remove':
      return decision.reason === 'revoked' ? decision : ANONYMOUS;
    case 'anonymous':
    case 'leave':
    case 'cut':
    case 'removed':
      return ANONYMOUS;
  }
}

/** A session whose time is over goes on, and one whose record is lost gets a new one. */
function afterExpiry({
  sessionId,
  reason,
  subject: { user, limits },
  record,
  fault,
}: Extract<Decision, { kind: 'expire' }>): Decision {
  // What cannot be read cannot be followed.
  if (fault !== undefined || !limits) return ANONYMOUS;
  if (reason !== 'lost' && record) {
    return { kind: 'continue', key: sessionKey(sessionId), record, subject: { user, limits }, isMarked: true };
  }
  return record ? ANONYMOUS : { kind: 'observe', owner: { isTracked: true, user }, isMarked: false };
}
