import { sessionKey } from '../../express-session/session-key.js';
import type { Decision } from '../lifecycle/decision.js';

const ANONYMOUS: Decision = { kind: 'anonymous' };

/**
 * The rule of report mode: returns the decision that is carried out instead. Times are recorded, and sessions and users
 * are left alone. Only revoked sessions are ended, because the application asked for this.
 */
export function asReported(decision: Decision): Decision {
  switch (decision.kind) {
    case 'continue':
    case 'mismatch': {
      // The id was not moved, so the session may have passed from one user to another. Then a `mismatch` may be wrong.
      const { key, record, subject } = decision;
      return { kind: 'continue', key, record, subject, isMarked: true };
    }
    case 'expire':
      return afterExpiry(decision);
    case 'begin':
    case 'move':
    case 'track':
      return { kind: 'track', owner: decision.owner, isMarked: false };
    case 'remove':
      return decision.reason === 'revoked' ? decision : ANONYMOUS;
    case 'anonymous':
    case 'leave':
    case 'cut':
    case 'already-ended':
      return ANONYMOUS;
  }
}

/** A session that is past a limit goes on, and a session without a record gets a new record. */
function afterExpiry({
  sessionId,
  reason,
  subject: { user, limits },
  record,
  fault,
}: Extract<Decision, { kind: 'expire' }>): Decision {
  // A session that cannot be read cannot be tracked.
  if (fault !== undefined || !limits) return ANONYMOUS;
  if (reason !== 'lost' && record) {
    return { kind: 'continue', key: sessionKey(sessionId), record, subject: { user, limits }, isMarked: true };
  }
  return record ? ANONYMOUS : { kind: 'track', owner: { isTracked: true, user }, isMarked: false };
}
