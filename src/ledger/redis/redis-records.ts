import { randomBytes } from 'node:crypto';
import type { Activity, Ending, LedgerRecord, Opening, Reading } from '../activity-ledger.js';
import { ServerClock } from '../server/server-clock.js';
import { describeStored } from '../server/stored-record.js';
import { openingAuthAge } from '../usable-arguments.js';
import type { Expiry } from '../user-sessions.js';
import type { KeyNames } from './key-names.js';
import { PlainReads } from './plain-reads.js';
import { type RedisClient, type Run, type Script } from './redis-client.js';
import { listingOf, storedIn } from './redis-record.js';
import { limitArguments, microsArgument, millisArgument } from './script-arguments.js';
import { ADVANCE, END, EXPIRE, OPEN, READ } from './scripts.js';
import { textReaderFor } from './text-reader.js';

/** The lists that may contain a session. */
export type Listing = ReturnType<typeof listingOf>;

/**
 * The result of {@link RedisRecords.expire}: it ended the session, or the time until a limit in milliseconds, or
 * neither.
 */
export type Judged = { readonly ended?: 'idle' | 'absolute'; readonly dueIn?: number } & Listing;

/** The records of the sessions, with one key each. This class does not know the lists. */
export class RedisRecords {
  private readonly serverClock = new ServerClock();
  private readonly plainReads: PlainReads | undefined;

  constructor(
    client: RedisClient,
    private readonly run: Run,
    private readonly names: KeyNames,
  ) {
    const texts = textReaderFor(client);
    this.plainReads = texts && new PlainReads(texts, this.serverClock, (name) => this.readExactly(name));
  }

  async open(key: string, opening: Opening): Promise<LedgerRecord> {
    const { user, sessionAge = 0, limits, keepFor } = opening;
    const values = [
      this.latest(),
      microsArgument(sessionAge),
      millisArgument(keepFor),
      authArgument(opening),
      ...limitArguments(limits),
    ];
    if (user !== undefined) values.push(user);
    const record = await this.ask(() => this.write(OPEN, key, values));
    if (!record) throw new Error('RedisLedger got an unexpected answer from Redis.');
    return record;
  }

  /** Costs one plain command, unless the record has to be exact. */
  read(key: string, { exact = false }: Reading = {}): Promise<LedgerRecord | undefined> {
    const name = this.names.session(key);
    return exact || !this.plainReads ? this.readExactly(name) : this.plainReads.read(name);
  }

  async advance(activities: readonly Activity[]): Promise<void> {
    const latest = this.latest();
    const askedAt = performance.now();
    // One script per session, because keys of a cluster live on different servers. Clients send them together.
    await Promise.all(
      activities
        .filter(({ idleFor }) => Number.isFinite(idleFor))
        .map(async ({ key, idleFor, keepFor, limits }) => {
          const values = [latest, microsArgument(idleFor), millisArgument(keepFor)];
          if (limits) values.push(...limitArguments(limits));
          const time = await this.write(ADVANCE, key, values);
          this.learn(askedAt, Number(time) / 1000);
        }),
    );
  }

  /** Ends a session. If this call has ended it, returns the lists that may contain it. */
  async end(key: string, { reason, keepFor }: Ending): Promise<Listing | undefined> {
    const [first, text] = (await this.write(END, key, [nameOfCall(), millisArgument(keepFor), reason])) as unknown[];
    return Number(first) === 1 ? listingOf(String(text)) : undefined;
  }

  /** Judges an open session by its limits, and ends it if it is past a limit. */
  async expire(key: string, { keepFor, limits }: Expiry): Promise<Judged> {
    const values = [nameOfCall(), millisArgument(keepFor), ...limitArguments(limits)];
    const reply = (await this.write(EXPIRE, key, values)) as unknown[];
    const [text, verdict] = reply.map(String) as [string, string];
    const listing = listingOf(text);
    if (verdict === '') return listing;
    if (verdict === 'idle' || verdict === 'absolute') return { ended: verdict, ...listing };
    return { dueIn: verdict === 'never' ? Infinity : Number(verdict) / 1000, ...listing };
  }

  private readExactly(name: string): Promise<LedgerRecord | undefined> {
    return this.ask(() => this.run(READ, name, []));
  }

  private async write(script: Script, key: string, values: readonly string[]): Promise<unknown> {
    const name = this.names.session(key);
    try {
      return await this.run(script, name, values);
    } finally {
      this.plainReads?.forget(name);
    }
  }

  private async ask(question: () => Promise<unknown>): Promise<LedgerRecord | undefined> {
    const askedAt = performance.now();
    const [time, text] = (await question()) as [string, unknown];
    const now = Number(time) / 1000;
    this.learn(askedAt, now);
    const stored = storedIn(text);
    return stored && describeStored(stored, { now, uncertainty: 0 });
  }

  private learn(askedAt: number, serverTime: number): void {
    this.serverClock.learn(askedAt, serverTime);
    this.plainReads?.heard(askedAt);
  }

  private latest(): string {
    return String(Math.min(Math.round(this.serverClock.latest() * 1000), Number.MAX_SAFE_INTEGER));
  }
}

/** Returns a random name for a call that ends a session. It is stored in the tombstone. */
function nameOfCall(): string {
  return randomBytes(6).toString('base64url');
}

/** Returns the time since the authentication as it is stored: empty if it was at the start, `-` for never. */
function authArgument(opening: Opening): string {
  const authAge = openingAuthAge(opening);
  if (authAge === (opening.sessionAge ?? 0)) return '';
  return authAge === Infinity ? '-' : microsArgument(authAge);
}
