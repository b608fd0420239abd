import type { LedgerRecord } from '../../ledger/activity-ledger.js';
import { lateAnswer, LedgerUnavailableError } from '../../ledger/ledger-unavailable.error.js';
import type { MaybePromise } from '../../base/maybe-promise.js';
import { log } from './events/log.js';
import type { Retries } from '../../base/retries.js';
import { Turns } from '../../base/turns.js';
import type { Claim, Claimed, Expired, UserSessions } from '../../ledger/user-sessions.js';
import { type PlaceHolder, whoLeaves } from '../../policy/places.js';
import type { WantedPlace } from './beginning.js';
import { fewAtOnce } from '../../base/few-at-once.js';
import type { HeldSessions } from './held-sessions.js';
import { PlaceLostError, TooManySessionsError } from './place.errors.js';

/**
 * The maximum number of attempts to claim a place. An attempt fails only if another sign-in of the same user succeeds.
 */
const ATTEMPTS = 100;

/** What a claim takes from other sessions. */
interface Taking {
  /** The keys of the sessions whose places it takes. */
  readonly takenFrom: readonly string[];
  readonly max: number;
  /**
   * Whether the session existed before. Then it keeps its place if it cannot be opened: the ledger may have its record,
   * and other instances go on with it. It has to be on the list of its user.
   */
  readonly isFound: boolean;
}

/** A place that a session has got. */
interface TakenPlace extends Taking {
  /** The keys of the sessions that have to be ended as `displaced`: those of this claim, and of earlier ones. */
  readonly leaving: readonly string[];
  /** Lets the sweep end the sessions whose places this one takes. */
  readonly letGo: () => void;
}

/** Functions that {@link Places} needs from others. */
export interface Enders {
  /** Ends a session if it is past a limit, and reports the end. */
  expire(key: string, unlessHeld?: boolean): MaybePromise<Expired | undefined>;
  readonly held: HeldSessions;
}

/**
 * The places of a user's sessions if their number is limited. The ledger assigns a place in one step, no matter how
 * many sign-ins come at the same time. If a claim was refused, this class looks again who has the places.
 */
export class Places {
  private readonly turns: Turns;

  /** @param patience how long a sign-in waits for other sign-ins of the same user, in milliseconds */
  constructor(
    private readonly users: UserSessions,
    private readonly enders: Enders,
    private readonly retries: Retries,
    patience: number,
  ) {
    this.turns = new Turns(patience);
  }

  /**
   * Opens a session in a place of its own. If the ledger or the store fails, or the session has already ended, the
   * sessions whose places it has taken get them back: nobody has signed in.
   *
   * @param open opens the session, and stores it
   * @returns the keys of the sessions that have to be ended as `displaced`
   * @throws TooManySessionsError if there is no place
   * @throws PlaceLostError if the session that it replaces has no place any more
   */
  openIn(
    user: string,
    key: string,
    wanted: WantedPlace & Pick<Taking, 'isFound'>,
    open: () => MaybePromise<LedgerRecord>,
  ): Promise<{ readonly opened: LedgerRecord; readonly leaving: readonly string[] }> {
    // Many sign-ins of one user at the same time would make each other's claims fail again and again.
    return this.turns.inTurn(user, async () => {
      // The request tries again under the same id.
      this.retries.forget(nameOf(key));
      const place = await this.claim(user, key, wanted);
      try {
        const opened = await open();
        if (opened.state === 'open') return { opened, leaving: place.leaving };
        await this.giveBack(user, key, place);
        return { opened, leaving: [] };
      } catch (error) {
        await this.giveBack(user, key, place);
        throw error;
      } finally {
        place.letGo();
      }
    });
  }

  private async claim(user: string, key: string, wanted: WantedPlace & Pick<Taking, 'isFound'>): Promise<TakenPlace> {
    const { max, replaces, isFound } = wanted;
    const beginning = new Set<string>();
    let evict: readonly string[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // A session that takes the place of the replaced one evicts no other.
      const takenFrom = evict.length > 0 || replaces === undefined ? evict : [replaces];
      const taking = { takenFrom, max, isFound };
      // They get their places back if this session cannot be opened.
      const letGo = this.enders.held.hold(...evict);
      const {
        admitted,
        members = [],
        leaving = evict,
      } = await this.claimOrGiveBack(user, key, taking, { max, evict, replaces }).catch((error: unknown) => {
        letGo();
        throw error;
      });
      if (admitted) return { ...taking, leaving, letGo };
      letGo();
      // It must not take the place back from the session that has it now: in the end, both would be over.
      if (replaces !== undefined) throw new PlaceLostError(leaving.includes(replaces));
      evict = await this.evictions(
        user,
        members.filter((member) => member !== key && member !== replaces),
        wanted,
        beginning,
      );
    }
    const message = `A place for a session could not be claimed in ${ATTEMPTS} attempts`;
    log.error(
      `${message}. Either very many sign-ins of one user come at once, or claim() of the ledger admits nobody.`,
    );
    throw new LedgerUnavailableError(message);
  }

  /** A claim that has failed may have been done, and one that was too late for its request may be done later. */
  private async claimOrGiveBack(user: string, key: string, taking: Taking, claim: Claim): Promise<Claimed> {
    try {
      return await this.users.claim(user, key, claim);
    } catch (error) {
      if (!(error instanceof LedgerUnavailableError)) throw error;
      const givenBack = this.giveBack(user, key, taking);
      const late = lateAnswer(error);
      // A ledger that is slow must not keep the request waiting twice.
      if (!late) await givenBack;
      late?.then(() => this.turns.inTurn(user, () => this.giveBackUnlessOpen(user, key, taking)));
      throw error;
    }
  }

  private async giveBackUnlessOpen(user: string, key: string, taking: Taking): Promise<void> {
    const isOpen = async () => (await this.users.ofUser(user)).some((record) => record.key === key);
    if (!(await isOpen().catch(() => false))) await this.giveBack(user, key, taking);
  }

  /**
   * Undoes a claim: the session could not be opened. Does nothing for a session whose place has been taken by yet
   * another sign-in. If the ledger fails, tries again.
   */
  private async giveBack(user: string, key: string, { takenFrom, max, isFound }: Taking): Promise<void> {
    const work = async () => {
      // There were more sessions than `max` if it was lowered.
      const before = max + Math.max(0, takenFrom.length - 1);
      for (const each of takenFrom) await this.users.claim(user, each, { max: before, evict: [], replaces: key });
      // Its user tries again under another id.
      if (!isFound) await this.users.release(user, key);
    };
    await this.retries.insistOn(nameOf(key), work).catch(() => undefined);
  }

  private async evictions(
    user: string,
    members: readonly string[],
    { max, whenFull }: WantedPlace,
    beginning: Set<string>,
  ): Promise<readonly string[]> {
    // A session that is past a limit has a place until it is ended.
    const looked = await fewAtOnce(members, (key) => this.enders.expire(key, true));
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

/** What is tried again for a session that has to give its place back. */
const nameOf = (key: string) => `place of ${key}`;
