import type { HttpSession } from '../../express-session/http-session.js';
import { asStored, holdsData, type SessionContent } from '../../express-session/session-content.js';
import type { Settings } from '../../options/settings.js';

/** The owner of a session. */
export interface Owner {
  /** Whether the session is tracked. Without the option `identify`, every session that contains data is tracked. */
  readonly isTracked: boolean;
  readonly user: string | undefined;
}

export const NOBODY: Owner = { isTracked: false, user: undefined };
const SOMEBODY: Owner = { isTracked: true, user: undefined };

/**
 * Returns the owner of a session, from its data. An empty session has no owner.
 *
 * @param before the owner until now; this object is returned if the owner has not changed
 */
export function ownerOf(data: SessionContent, { identify }: Pick<Settings, 'identify'>, before?: Owner): Owner {
  const user = identify && userIn(data, identify);
  if (user !== undefined && before?.user === user) return before;
  if (!holdsData(data)) return NOBODY;
  if (!identify) return SOMEBODY;
  return user === undefined ? NOBODY : { isTracked: true, user };
}

/**
 * Also asks about the data as the store gets it. An object with `toJSON()` may name a user only there, and the next request
 * would be the first to see this user.
 */
function userIn(data: SessionContent, identify: NonNullable<Settings['identify']>): string | undefined {
  const user = identify(data);
  if (user !== undefined) return user;
  const stored = asStored(data);
  return stored === data ? undefined : identify(stored);
}

/** Returns the owner of a session when it was loaded. A session that was made for this request had no owner. */
export function ownerWhenLoaded(session: HttpSession, settings: Pick<Settings, 'identify'>): Owner {
  return session.origin === 'loaded' && session.isReused ? ownerOf(session.loaded, settings) : NOBODY;
}

/** What a change of the owner means. */
export type Change = 'sign-in' | 'switch' | 'sign-out';

export function changeOf(before: Owner, now: Owner): Change | undefined {
  if (before === now) return undefined;
  if (!before.isTracked) return now.isTracked ? 'sign-in' : undefined;
  if (!now.isTracked) return 'sign-out';
  return before.user === now.user ? undefined : 'switch';
}
