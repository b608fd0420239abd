import type { MaybePromise } from '../../ledger/maybe-promise.js';
import type { UserSessions } from '../../ledger/user-sessions.js';
import { type PlaceHolder, whoLeaves } from '../../policy/places.js';
import type { WantedPlace } from './beginning.js';
import { TooManySessionsError } from './too-many-sessions.error.js';

/** How often a place is claimed at most. Each attempt fails only if another sign-in of the same user succeeds. */
const ATTEMPTS = 100;

/** What {@link Places} cannot do by itself. */
interface Enders {
  /** Ends a session if its time is over, and reports that. True if it is over. */
  expire(key: string): MaybePromise<boolean>;
}

/**
 * The places of users whose number of sessions is limited. The ledger gives them in one step, however many sign-ins
 * come at the same time: who was refused looks again who has the places.
 */
export class Places {
  constructor(
    private readonly users: UserSessions,
    private readonly enders: Enders,
  ) {}

  /**
   * Gets a place for a session that is about to begin.
   *
   * @returns the keys of the sessions that have lost theirs and are to be ended as `displaced`
   * @throws TooManySessionsError if there is none
   */
  async claim(user: string, key: string, wanted: WantedPlace): Promise<readonly string[]> {
    const { max, replaces } = wanted;
    const beginning = new Set<string>();
    let evict: readonly string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { admitted, members = [], leaving = [] } = await this.users.claim(user, key, { max, evict, replaces });
      if (admitted) return leaving;
      evict = await this.evictions(
        user,
        members.filter((member) => member !== key && member !== replaces),
        wanted,
        beginning,
      );
    }
    throw new Error(`A place for a session could not be claimed in ${ATTEMPTS} attempts.`);
  }

  /** A session with a place has not begun, or is somebody else's now. */
  release(user: string, key: string): MaybePromise<void> {
    return this.users.release(user, key);
  }

  private async evictions(
    user: string,
    members: readonly string[],
    { max, whenFull }: WantedPlace,
    beginning: Set<string>,
  ): Promise<readonly string[]> {
    // A session that nobody has asked for since its time was over has a place until it is ended.
    const over = await Promise.all(members.map((key) => this.enders.expire(key)));
    const alive = members.filter((_, index) => !over[index]);
    if (alive.length < max) return [];
    const records = new Map((await this.users.ofUser(user)).map((record) => [record.key, record]));
    // Without a record, it has just ended, and the next answer does not name it, or it is just beginning.
    const unknown = alive.filter((key) => !records.has(key) && !beginning.has(key));
    for (const key of unknown) beginning.add(key);
    if (unknown.length > 0) return [];
    if (whenFull === 'refuse') throw new TooManySessionsError(max);
    const holders = alive.map((key): PlaceHolder => records.get(key) ?? { key, sessionAge: 0, idleFor: 0 });
    return whoLeaves(holders, max, whenFull);
  }
}
