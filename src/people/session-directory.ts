import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { chain } from '../base/maybe-promise.js';
import { type RequestState, stateOf } from '../enforcement/lifecycle/request-session.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import type { EndNotes } from '../enforcement/timelines/events/session-events.js';
import { SessionMoves } from '../enforcement/lifecycle/session-moves.js';
import { fewAtOnce } from '../base/few-at-once.js';
import { Timelines } from '../enforcement/timelines/timelines.js';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import { LEDGER } from '../ledger/ledger.token.js';
import type { KeyedRecord, UserSessions } from '../ledger/user-sessions.js';
import { longestLimits } from '../options/known-limits.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import type { EndedBy } from '../policy/audit-entry.js';
import type { Reason } from '../policy/reason.js';
import { standingOf } from '../policy/standing.js';
import type { SessionInfo } from '../policy/session-info.js';

/** How {@link SessionDirectory.endAllWithOwn} ends sessions. */
interface EndWithOwn {
  readonly reason: Reason;
  readonly ownReason: Reason;
  readonly by: EndedBy;
  readonly except?: readonly string[];
}

/** Lists the sessions of a user, and ends them. */
@Injectable()
export class SessionDirectory {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly flow: SessionFlow,
    private readonly timelines: Timelines,
    private readonly moves: SessionMoves,
  ) {}

  /** Whether the sessions of a user are known. This needs the option `identify`, and a ledger that can find them. */
  get isAvailable(): boolean {
    return this.settings.identify !== undefined && this.ledger.users !== undefined;
  }

  /**
   * The user of a request, and the key of its session; `undefined` if nobody is signed in.
   *
   * @throws SessionUnavailableException (503) if the session is missing because its store is disconnected
   */
  async whoIs(state: RequestState): Promise<{ readonly user: string; readonly key: string } | undefined> {
    // The handler may give the session a new id meanwhile.
    const session = await this.flow.lookAgain(state);
    if (!session) this.flow.refuseIfSessionIsMissing(state);
    return session?.kind === 'live' && session.user !== undefined
      ? { user: session.user, key: session.key }
      : undefined;
  }

  /** How many sessions the user of a request may have; `null` for any number. */
  async maxFor({ req }: RequestState, user: string): Promise<number | null> {
    return (await this.settings.maxSessions?.(req, user)) || null;
  }

  /**
   * The sessions of a user that are within their limits, the oldest first.
   *
   * @param current the key of the session of the request
   */
  async list(user: string, current?: string): Promise<SessionInfo[]> {
    const records = await this.users.ofUser(user);
    const left = await this.timesLeft(records);
    return records.flatMap((record, index): SessionInfo[] => {
      const { key, sessionAge, authAge = sessionAge, device } = record;
      const expiresIn = left[index] as number;
      if (expiresIn === 0) return [];
      const idleFor = this.idleFor(record);
      return [{ id: key, current: key === current, age: sessionAge, idleFor, authAge, expiresIn, device }];
    });
  }

  /**
   * Ends a session of the user who asks for it. Returns false if it is not a session of this user, or has already
   * ended.
   */
  async endOne(user: string, key: string, reason: Reason): Promise<boolean> {
    const records = (await this.users.ofUser(user)).filter((record) => record.key === key);
    return (await this.endEach(records, reason, { user, by: 'user' })).includes(true);
  }

  /**
   * Ends the sessions of a user.
   *
   * @param by who asks for the end
   * @param except the keys of sessions that go on, also if they get new ids meanwhile
   * @returns how many this call has ended
   */
  async endAll(user: string, reason: Reason, by: EndedBy, except: readonly string[] = []): Promise<number> {
    /** The sessions that are spared, and those that this call has dealt with. */
    const done = new Set(except);
    let found = await this.users.ofUser(user);
    this.timelines.openings.noteEndOfAll(user, reason, except);
    let count = 0;
    do {
      for (const later of except.flatMap((key) => this.moves.laterKeysOf(key))) done.add(later);
      const records = found.filter(({ key }) => !done.has(key));
      const results = await this.endEach(records, reason, { user, by });
      const missed = records.filter((_, index) => !results[index]);
      count += records.length - missed.length;
      for (const { key } of records) done.add(key);
      // Another instance may have given a session a new id since the lookup.
      found = (await this.isAnyReplaced(missed)) ? await this.users.ofUser(user) : [];
    } while (found.length > 0);
    return count;
  }

  /**
   * Ends the sessions of a user for the application.
   *
   * @param target the user, given by id or by a request
   * @param except the session that goes on, given by a request or by its key
   */
  async endAllForApplication(
    target: Request | string,
    reason: Reason,
    except: Request | string | undefined,
  ): Promise<number> {
    const by = 'application';
    if (typeof target === 'string') return this.endAll(target, reason, by, await this.keysOf(except));
    const state = stateOf(target);
    // Both at the same moment: the handler may give the session a new id meanwhile.
    const [who, spared] = await Promise.all([this.whoIs(state), this.keysOf(except)]);
    if (!who) return 0;
    if (spared.includes(who.key)) return this.endAll(who.user, reason, by, spared);
    return this.endAllWithOwn(state, who, { reason, ownReason: reason, by, except: spared });
  }

  /**
   * Ends the sessions of the user of a request. The session of the request itself is signed out, because its answer can
   * clear the cookie.
   *
   * @param who the user of the request, and the key of its session
   * @param ownReason why the session of the request ends
   * @param except as in {@link endAll}
   */
  async endAllWithOwn(
    state: RequestState,
    { user, key }: { readonly user: string; readonly key: string },
    { reason, ownReason, by, except = [] }: EndWithOwn,
  ): Promise<number> {
    const others = await this.endAll(user, reason, by, [key, ...except]);
    if (await this.flow.signOut(state, ownReason)) return others + 1;
    // It had already ended. It may go on under an id that another request has given it.
    return others + (await this.endAll(user, reason, by, except));
  }

  /** The key of a session that is given by a request or by its key. Waits if the session is on its way to a new id. */
  private async keysOf(given: Request | string | undefined): Promise<readonly string[]> {
    if (given === undefined) return [];
    if (typeof given === 'string') return [given];
    const state = stateOf(given);
    // Without a pause if the session is known: the handler may give it a new id meanwhile.
    return chain(this.flow.lookAgain(state), () => (state.key === undefined ? [] : [state.key]));
  }

  /**
   * Ends sessions. Those that are past a limit end for that reason, and do not count.
   *
   * @returns for each session whether this call has ended it
   */
  private async endEach(
    records: readonly KeyedRecord[],
    reason: Reason,
    notes: { readonly user: string; readonly by: EndedBy },
  ): Promise<boolean[]> {
    const left = await this.timesLeft(records);
    const over = new Set(records.filter((_, index) => left[index] === 0).map(({ key }) => key));
    const keys = records.map(({ key }) => key);
    return fewAtOnce(keys, async (key) => {
      if (over.has(key)) await this.timelines.expire(key);
      return this.endNow(key, reason, notes);
    });
  }

  private async isAnyReplaced(records: readonly KeyedRecord[]): Promise<boolean> {
    const reasons = await fewAtOnce(records, async ({ key }) => this.timelines.reasonOfEnd(key, undefined));
    return reasons.includes('replaced');
  }

  /** Ends a session, also if it has got a new id since its user's sessions were looked up. */
  private endNow(key: string, reason: Reason, notes: EndNotes & { readonly user: string }): Promise<boolean> {
    const end = (each: string) => this.timelines.end(each, reason, { ...notes, hasRequest: false });
    return this.moves.endWithNewIds(key, end);
  }

  /** Milliseconds until each session ends; 0 if it is past a limit. */
  private async timesLeft(records: readonly KeyedRecord[]): Promise<number[]> {
    const { mode, limitsVary } = this.settings;
    if (mode === 'report') return records.map(() => Infinity);
    const longest = longestLimits(this.settings);
    const byOurLimits = (record: KeyedRecord): number => {
      const standing = standingOf({ ...record, idleFor: this.idleFor(record) }, longest);
      return standing.state === 'alive' ? standing.verdict.expiresIn : 0;
    };
    if (!limitsVary) return records.map(byOurLimits);
    // The ledger knows which limits each session has.
    return fewAtOnce(records, async (record) => {
      if (this.timelines.isHeld(record.key)) return byOurLimits(record);
      const expired = await this.timelines.expire(record.key, true);
      return expired && 'dueIn' in expired ? expired.dueIn : 0;
    });
  }

  /** How long a session has been idle, with the activity that this instance has noted while the ledger did not answer. */
  private idleFor({ key, idleFor }: KeyedRecord): number {
    return this.timelines.unjudged.idleFor(key, idleFor, longestLimits(this.settings).idleTimeout);
  }

  private get users(): UserSessions {
    const { identify } = this.settings;
    const { users } = this.ledger;
    if (identify && users) return users;
    throw new Error(
      identify
        ? 'list() and endAll() need a ledger that knows the sessions of a user (ActivityLedger.users), such as RedisLedger.'
        : 'list() and endAll() need the option identify.',
    );
  }
}
