import type { MaybePromise } from '../../ledger/maybe-promise.js';
import type { Expired, UserSessions } from '../../ledger/user-sessions.js';
import { type PlaceHolder, whoLeaves } from '../../policy/places.js';
import type { WantedPlace } from './beginning.js';
import { fewAtOnce } from './few-at-once.js';
import { TooManySessionsError } from './too-many-sessions.error.js';

/**
 * The maximum number of attempts to claim a place. An attempt fails only if another sign-in of the same user succeeds.
 */
const ATTEMPTS = 100;

/** Functions that {@link Places} needs from others. */
interface Enders {
  /** Ends a session if it is past a limit, and reports the end. */
  expire(key: string): MaybePromise<Expired | undefined>;
}

/**
 * The places of a user's sessions if their number is limited. The ledger assigns a place in one step, no matter how
 * many sign-ins come at the same time. If a claim was refused, this class looks again who has the places.
 */
export class Places {
  constructor(
    private readonly users: UserSessions,
    private readonly enders: Enders,
  ) {}

  /**
   * Gets a place for a session that is about to begin.
   *
   * @returns the keys of the sessions that have lost their places and have to be ended as `displaced`
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

  /** Releases the place of a session that has not begun, or belongs to somebody else now. */
  release(user: string, key: string): MaybePromise<void> {
    return this.users.release(user, key);
  }

  private async evictions(
    user: string,
    members: readonly string[],
    { max, whenFull }: WantedPlace,
    beginning: Set<string>,
  ): Promise<readonly string[]> {
    // A session that is past a limit has a place until it is ended.
    const looked = await fewAtOnce(members, (key) => this.enders.expire(key));
    const alive = members.filter((_, index) => !('ended' in (looked[index] ?? {})));
    if (alive.length < max) return [];
    const records = new Map((await this.users.ofUser(user)).map((record) => [record.key, record]));
    // A session without a record has just ended, and the next answer does not name it, or it is just beginning.
    const unknown = alive.filter((key) => !records.has(key) && !beginning.has(key));
    for (const key of unknown) beginning.add(key);
    if (unknown.length > 0) return [];
    if (whenFull === 'refuse') throw new TooManySessionsError(max);
    const holders = alive.map((key): PlaceHolder => records.get(key) ?? { key, sessionAge: 0, idleFor: 0 });
    return whoLeaves(holders, max, whenFull);
  }
}
