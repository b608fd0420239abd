import type { Store } from 'express-session';
import type { ActivityLedger } from 'nestjs-session-timeout';
import type { Notebook } from './notebook.js';
import type { PhoneBook } from './phone-book.js';

/** Where this application stores its data: in memory, or in Redis, shared by all instances. */
export abstract class Storage {
  /** The store of express-session. */
  abstract readonly sessions: Store;
  /** The timelines of the sessions; `undefined` for the module's own ledger in memory. */
  abstract readonly ledger: ActivityLedger | undefined;
  abstract readonly notebook: Notebook;
  abstract readonly phones: PhoneBook;
  abstract close(): Promise<void>;
}
