import type { LiveSession } from '../../../../../src/enforcement/lifecycle/request-session.js';
import type { Clock } from '../../../../../src/index.js';
import { MINUTE } from '../../../../support/time.js';

export const limits = { idleTimeout: 15 * MINUTE, absoluteTimeout: 60 * MINUTE, warnBefore: 0 };

/** A session of alice that has begun just now. */
export function liveSession(clock: Clock, change: Partial<LiveSession> = {}): LiveSession {
  const now = clock.now();
  return {
    kind: 'live',
    sessionId: 'a',
    key: 'key of a',
    user: 'alice',
    limits,
    startedAt: now,
    activeAt: now,
    authAt: now,
    hadUser: false,
    ...change,
  };
}
