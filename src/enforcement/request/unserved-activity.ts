import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { knownLimits } from '../../options/known-limits.js';
import { SETTINGS, type Settings } from '../../options/settings.js';
import { Timelines } from '../timelines/timelines.js';
import { standingOf } from '../../policy/standing.js';
import { opensEventStream, passiveBecause } from './passive-request.js';
import { requestedPath } from './requested-url.js';

/** Returns how long ago the user was active according to the report in a request; `undefined` without a report. */
export type ReadReport = (req: Request, key: string) => number | undefined;

/**
 * The activity of requests that are refused before they reach a handler, because the ledger or the session store does
 * not answer. It counts as soon as the session can be judged.
 */
@Injectable()
export class UnservedActivity {
  private isForNoActiveHandler: (req: Request) => boolean = () => false;
  private readReport: ReadReport = () => undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly timelines: Timelines,
  ) {}

  /** Sets which requests have a passive handler, or none. */
  setPassiveHandlers(isForNoActiveHandler: (req: Request) => boolean): void {
    this.isForNoActiveHandler = isForNoActiveHandler;
  }

  /** Sets how to read the report in a ping. */
  setReports(readReport: ReadReport): void {
    this.readReport = readReport;
  }

  /**
   * Returns how long ago the user was active, in milliseconds: 0 if the request is activity itself. Returns `undefined`
   * if the request does not show any activity.
   *
   * @param key the key of the request's session
   */
  idleFor(req: Request, key: string): number | undefined {
    return this.isActivity(req) ? 0 : this.readReport(req, key);
  }

  /**
   * Records the activity of a request whose session could not be read from its store, if the session goes on. Activity
   * that cannot be judged now is noted, and counts later, because the ledger may not answer either. While the store has
   * said that it is disconnected, nobody knows the session of a request, and its activity does not count.
   */
  async record(req: Request, key: string): Promise<void> {
    const idleFor = this.idleFor(req, key);
    if (idleFor === undefined) return;
    const { timelines, settings } = this;
    const { unjudged } = timelines;
    const arrivedAt = unjudged.now();
    if (settings.limitsVary) return this.recordVaried(key, arrivedAt, idleFor);
    const { limits } = settings;
    const subject = { user: undefined, limits };
    const record = await timelines.findOrAdopt(key, subject, undefined, { idleFor: () => idleFor });
    if (standingOf(record, limits).state !== 'alive') return;
    await timelines.advance(key, limits, idleFor + unjudged.now() - arrivedAt);
  }

  /**
   * Does the same if limits differ. Only the ledger knows the limits of the session now. If it cannot tell that the session
   * goes on, the next request judges the activity.
   */
  private async recordVaried(key: string, arrivedAt: number, idleFor: number): Promise<void> {
    const { timelines, settings } = this;
    const { unjudged } = timelines;
    const isAlive = !unjudged.has(key) && (await this.goesOn(key));
    if (isAlive) await timelines.advance(key, undefined, idleFor + unjudged.now() - arrivedAt);
    else unjudged.note(key, undefined, arrivedAt, idleFor, shortestIdleTimeout(settings));
  }

  /** Whether a session is within the limits that the ledger has stored with it. If it is not, it ends. */
  private async goesOn(key: string): Promise<boolean> {
    try {
      const looked = await this.timelines.expire(key, true);
      return looked !== undefined && 'dueIn' in looked && looked.dueIn > 0;
    } catch {
      return false;
    }
  }

  private isActivity(req: Request): boolean {
    const isPassive = passiveBecause(req) !== undefined || opensEventStream(req);
    return !isPassive && !this.settings.isPassiveRoute?.(req, requestedPath(req)) && !this.isForNoActiveHandler(req);
  }
}

/** The shortest idle limit that a session may have, as far as this process knows. */
function shortestIdleTimeout(settings: Settings): number | false {
  const shortest = Math.min(...knownLimits(settings).map(({ idleTimeout }) => idleTimeout || Infinity));
  return shortest === Infinity ? false : shortest;
}
