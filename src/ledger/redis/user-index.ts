import type { SessionDevice } from '../../policy/session-device.js';
import { storedDevice } from '../server/stored-device.js';
import { type Claim, CLAIM_HOLDS_FOR } from '../user-sessions.js';
import type { KeyNames } from './key-names.js';
import type { Run } from './redis-client.js';
import { millisArgument } from './script-arguments.js';
import { CHECK, CLAIM, DROP, ENTER, LIST, REMOVE } from './user-scripts.js';

/** A session on the list of its user. */
export interface Entry {
  readonly key: string;
  readonly isLeaving: boolean;
  /** Whether another session goes on in its place. */
  readonly isReplaced: boolean;
  /** Whether the session counts without a record, because the record may be on its way. */
  readonly isAwaited: boolean;
  readonly device: SessionDevice | undefined;
  /** The stored value. */
  readonly value: string;
}

/** The list of each user's sessions: one hash, which only suggests. See `user-scripts.ts`. */
export class UserIndex {
  constructor(
    private readonly run: Run,
    private readonly names: KeyNames,
  ) {}

  async entries(user: string): Promise<readonly Entry[]> {
    return entriesIn((await this.ask(user, LIST, [])) as unknown[]);
  }

  /**
   * Notes that a session is opened.
   *
   * @returns how many sessions are on the list
   */
  async enter(
    user: string,
    key: string,
    { device, keepFor, keepListFor }: { device?: SessionDevice | undefined; keepFor: number; keepListFor: number },
  ): Promise<number> {
    const grace = millisArgument(Math.min(CLAIM_HOLDS_FOR, keepFor));
    const values = [key, grace, millisArgument(keepListFor), device ? JSON.stringify(device) : ''];
    return Number(await this.ask(user, ENTER, values));
  }

  /** @param stale sessions that have ended; they do not count unless their entries have changed since then */
  async claim(
    user: string,
    key: string,
    { max, evict, replaces }: Claim,
    stale: readonly Entry[],
  ): Promise<{ readonly admitted: boolean; readonly entries: readonly Entry[] }> {
    const asked = { key, max, evict, replaces, stale: stale.map(({ key, value }) => [key, value]) };
    const reply = (await this.ask(user, CLAIM, [JSON.stringify(asked)])) as unknown[];
    return { admitted: Number(reply[0]) === 1, entries: entriesIn(reply) };
  }

  /** Takes sessions off the list, unless they have changed. */
  async drop(user: string, stale: readonly Entry[]): Promise<void> {
    if (stale.length === 0) return;
    await this.ask(
      user,
      DROP,
      stale.flatMap(({ key, value }) => [key, value]),
    );
  }

  async remove(user: string, key: string): Promise<void> {
    await this.ask(user, REMOVE, [key]);
  }

  /** Returns whether an open session is leaving. Keeps the list, and adds the session if the list was lost. */
  async isLeaving(user: string, key: string, keepListFor: number): Promise<boolean> {
    return Number(await this.ask(user, CHECK, [key, millisArgument(keepListFor)])) === 1;
  }

  private ask(user: string, script: Parameters<Run>[0], values: readonly string[]): Promise<unknown> {
    return this.run(script, this.names.user(user), values);
  }
}

/** A reply is a number, the time, and then keys and values in turn. */
function entriesIn([, time, ...parts]: readonly unknown[]): Entry[] {
  const now = Number(time);
  const entries: Entry[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const value = String(parts[i + 1]);
    const [, state, grace, device] = /^(.)(\d+)(.*)$/s.exec(value) ?? [];
    entries.push({
      key: String(parts[i]),
      isLeaving: state === 'l',
      isReplaced: state === 'r',
      isAwaited: Number(grace) > now,
      device: storedDevice(device),
      value,
    });
  }
  return entries;
}
