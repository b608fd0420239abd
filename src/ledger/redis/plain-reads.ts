import type { LedgerRecord } from '../activity-ledger.js';
import type { MaybePromise } from '../../base/maybe-promise.js';
import type { ServerClock } from '../server/server-clock.js';
import { describeStored, isAhead } from '../server/stored-record.js';
import { storedIn } from './redis-record.js';
import type { TextReader } from './text-reader.js';

/** How long a silent connection is assumed to be alive, in milliseconds. */
const LONGEST_SILENCE = 1000;

/** Reads a record with a script. */
type ReadExactly = (key: string) => Promise<LedgerRecord | undefined>;

/**
 * Reads records with one plain command, which costs Redis a seventh of a script. The command does not return the time,
 * so a record is dated by the estimate of the Redis clock, and carries its uncertainty.
 *
 * A client with a cache may save the command. Redis reports changes on the connection that also carries its answers,
 * in the order in which they happened. So when an answer arrives, everything that was written before it is known. A
 * hung connection delivers neither: then the cache is not used, and Redis has to be asked.
 */
export class PlainReads {
  /** `performance.now()` before the newest command that Redis has answered. */
  private heardAt = -Infinity;

  constructor(
    private readonly texts: TextReader,
    private readonly clock: ServerClock,
    private readonly readExactly: ReadExactly,
  ) {}

  /** Notes that Redis has answered a command sent at `askedAt`. */
  heard(askedAt: number): void {
    this.heardAt = Math.max(this.heardAt, askedAt);
  }

  /** Returns the record under a key: from the plain command if that is enough, otherwise from the script. */
  read(key: string): Promise<LedgerRecord | undefined> {
    if (!this.clock.reading() || this.isSilent()) return this.readExactly(key);
    return this.texts.read(key).then(
      (text) => this.dated(key, text),
      (error: unknown) => {
        if (isOfWrongType(error)) return this.readExactly(key);
        throw error;
      },
    );
  }

  /** Drops a key from the cache after it was written: Redis may report the change later than it answers the write. */
  forget(key: string): void {
    this.texts.forget?.(key);
  }

  private isSilent(): boolean {
    return this.texts.forget !== undefined && performance.now() - this.heardAt > LONGEST_SILENCE;
  }

  private dated(key: string, text: unknown): MaybePromise<LedgerRecord | undefined> {
    const stored = storedIn(text);
    // A cache knows that there was no record, but not that there is still none.
    if (!stored) return this.texts.forget ? this.readExactly(key) : undefined;
    const time = this.clock.reading();
    // If a time is ahead of the Redis clock, somebody has set this clock. Only the script can correct the record.
    if (!time || isAhead(stored, time)) return this.readExactly(key);
    return describeStored(stored, time);
  }
}

function isOfWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE');
}
