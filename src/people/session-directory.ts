import { Inject, Injectable } from '@nestjs/common';
import { currentSession, type RequestState } from '../enforcement/lifecycle/request-session.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { Timelines } from '../enforcement/timelines/timelines.js';
import type { ActivityLedger } from '../ledger/activity-ledger.js';
import { LEDGER } from '../ledger/ledger.token.js';
import type { KeyedRecord, UserSessions } from '../ledger/user-sessions.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import type { Reason } from '../policy/reason.js';
import { standingOf } from '../policy/standing.js';
import type { SessionInfo } from './session-info.js';

/** Lists the sessions of a user, and ends them. */
@Injectable()
export class SessionDirectory {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(LEDGER) private readonly ledger: ActivityLedger,
    private readonly flow: SessionFlow,
    private readonly timelines: Timelines,
  ) {}

  /** Whether the sessions of a user are known: it takes the option `identify`, and a ledger that can find them. */
  get isAvailable(): boolean {
    return this.settings.identify !== undefined && this.ledger.users !== undefined;
  }

  /** The user of a request, and the key of its session; `undefined` if nobody is signed in. */
  async whoIs(state: RequestState): Promise<{ readonly user: string; readonly key: string } | undefined> {
    await this.flow.arrive(state);
    const session = currentSession(state);
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
    return records.flatMap((record) => this.describe(record, current) ?? []);
  }

  /** Ends a session if it is one of the user's. False if it is not, or has ended already. */
  async endOne(user: string, key: string, reason: Reason): Promise<boolean> {
    const records = await this.users.ofUser(user);
    return records.some((record) => record.key === key) && (await this.timelines.end(key, reason, { user }));
  }

  /**
   * Ends the sessions of a user.
   *
   * @param except the key of a session that goes on
   * @returns how many this call has ended
   */
  async endAll(user: string, reason: Reason, except?: string): Promise<number> {
    const records = await this.users.ofUser(user);
    const others = records.filter(({ key }) => key !== except);
    const ended = await Promise.all(others.map(({ key }) => this.timelines.end(key, reason, { user })));
    return ended.filter(Boolean).length;
  }

  private describe(record: KeyedRecord, current: string | undefined): SessionInfo | undefined {
    const { key, sessionAge, idleFor, authAge = sessionAge, device, limits } = record;
    const everybody = this.settings.limits;
    const own = this.settings.limitsVary && limits ? { ...everybody, ...limits } : everybody;
    const isReport = this.settings.mode === 'report';
    const standing = standingOf(record, isReport ? { ...own, idleTimeout: false, absoluteTimeout: false } : own);
    if (standing.state !== 'alive') return undefined;
    const { expiresIn } = standing.verdict;
    return { id: key, current: key === current, age: sessionAge, idleFor, authAge, expiresIn, device };
  }

  private get users(): UserSessions {
    const { identify } = this.settings;
    const { users } = this.ledger;
    if (identify && users) return users;
    throw new Error(
      identify
        ? 'The ledger does not know the sessions of a user: it has no ActivityLedger.users.'
        : 'The sessions of a user are known only with the option identify.',
    );
  }
}
