import type { Store } from 'express-session';
import type { ActivityLedger } from 'nestjs-session-timeout';
import type { Notebook } from './notebook.js';

/** Where this application keeps what it has to remember: in memory, or shared by many instances in Redis. */
export abstract class Storage {
  /** What express-session keeps. */
  abstract readonly sessions: Store;
  /** The timelines of the sessions; `undefined` for the ledger in memory that the module brings. */
  abstract readonly ledger: ActivityLedger | undefined;
  abstract readonly notebook: Notebook;
  abstract close(): Promise<void>;
}
