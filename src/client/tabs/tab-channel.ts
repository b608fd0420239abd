import { parse } from '../attempt.js';
import { listen } from '../listen.js';
import { storage } from './storage.js';

/** A message of a tab to the others. */
export interface TabMessage {
  /** The tag of the session. */
  readonly session: string | undefined;
  /** The body of the server's answer. Without it, the message says that the user is signing out. */
  readonly answer?: unknown;
  /** The time of day when the question was sent. A frozen tab gets the message late. */
  readonly wall: number;
}

/**
 * Connects the tabs of one browser through the storage, which keeps the last message. A BroadcastChannel
 * would keep pages out of the back/forward cache. Without storage a page works alone.
 */
export interface TabChannel {
  tell(message: TabMessage): void;
  /** The last message of any tab; `undefined` if there is none. */
  recall(): TabMessage | undefined;
  /** Leaves the channel. */
  close(): void;
}

/** @param name the same for all tabs of one application */
export function tabChannel(name: string, hear: (message: TabMessage) => void): TabChannel {
  return {
    tell: (message) => storage.set(name, JSON.stringify(message)),
    recall: () => parse(storage.get(name)),
    close: listen(window, 'storage', ({ key, newValue }: StorageEvent) => {
      const message = key === name && parse<TabMessage>(newValue);
      if (message) hear(message);
    }),
  };
}
