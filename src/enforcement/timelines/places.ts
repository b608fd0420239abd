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

/** A place that a session has got, and the sessions that have lost theirs. */
export interface TakenPlace {
  /** The keys of the sessions that have to be ended as `displaced`: those of this claim, and of earlier ones. */
  readonly leaving: readonly string[];
  /** The keys of the sessions whose places this claim has taken. */
  readonly takenFrom: readonly string[];
  readonly max: number;
}

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
   * @throws TooManySessionsError if there is none
   */
  async claim(user: string, key: string, wanted: WantedPlace): Promise<TakenPlace> {
    const { max, replaces } = wanted;
    const beginning = new Set<string>();
    let evict: readonly string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { admitted, members = [], leaving = [] } = await this.users.claim(user, key, { max, evict, replaces });
      if (admitted) {
        // A session that takes the place of the replaced one evicts no other.
        const takenFrom = evict.length > 0 || replaces === undefined ? evict : [replaces];
        return { leaving, takenFrom, max };
      }
      evict = await this.evictions(
        user,
        members.filter((member) => member !== key && member !== replaces),
        wanted,
        beginning,
      );
    }
    throw new Error(`A place for a session could not be claimed in ${ATTEMPTS} attempts.`);
  }

  /**
   * Undoes a claim: the session could not be opened. Does nothing for a session whose place has been taken by yet
   * another sign-in.
   */
  async giveBack(user: string, key: string, { takenFrom, max }: TakenPlace): Promise<void> {
    // There were more sessions than `max` if it was lowered.
    const before = max + Math.max(0, takenFrom.length - 1);
    for (const each of takenFrom) await this.users.claim(user, each, { max: before, evict: [], replaces: key });
    // Its user tries again under another id.
    await this.users.release(user, key);
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
