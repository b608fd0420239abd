import type { HttpSession } from '../../express-session/http-session.js';
import type { Settings } from '../../options/settings.js';

/** Whose a session is. */
export interface Owner {
  /** Whether it is anybody's. Without the option `identify`, a session that holds data is. */
  readonly isTracked: boolean;
  readonly user: string | undefined;
}

export const NOBODY: Owner = { isTracked: false, user: undefined };
const SOMEBODY: Owner = { isTracked: true, user: undefined };

/**
 * Whose a session is, as its data says. An empty one is nobody's.
 *
 * @param before whose it was; returned again if that has not changed
 */
export function ownerOf(
  session: Pick<HttpSession, 'data' | 'holdsData'>,
  { identify }: Pick<Settings, 'identify'>,
  before?: Owner,
): Owner {
  const user = identify?.(session.data);
  if (user !== undefined && before?.user === user) return before;
  if (!session.holdsData) return NOBODY;
  if (!identify) return SOMEBODY;
  return user === undefined ? NOBODY : { isTracked: true, user };
}

/** Whose a session was when it was loaded. One that was made for a request was nobody's. */
export function ownerWhenLoaded(session: HttpSession, settings: Pick<Settings, 'identify'>): Owner {
  return session.origin === 'loaded' && session.isReused ? ownerOf(session.loaded, settings) : NOBODY;
}

/** What it means that a session was somebody's and is somebody else's now. */
export type Change = 'sign-in' | 'switch' | 'sign-out';

export function changeOf(before: Owner, now: Owner): Change | undefined {
  if (before === now) return undefined;
  if (!before.isTracked) return now.isTracked ? 'sign-in' : undefined;
  if (!now.isTracked) return 'sign-out';
  return before.user === now.user ? undefined : 'switch';
}
