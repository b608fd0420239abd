import { storage } from './storage.js';

/** What a tab tells the others. */
export interface TabMessage {
  /** The tag of the session it is about. */
  readonly session: string | undefined;
  /** The server's answer, as it came. Without one, the user is signing out. */
  readonly answer?: unknown;
  /** The time of day when the question was asked. A frozen tab gets the message late. */
  readonly wall: number;
}

/** Connects the tabs of one browser. Without it a page works alone. */
export interface TabChannel {
  tell(message: TabMessage): void;
  /** The last message of any tab; `undefined` if there is none. */
  recall(): TabMessage | undefined;
  open(): void;
  /** Leaves the channel. A message would remove the page from the back/forward cache. */
  close(): void;
}

/** @param name the same for all tabs of one application */
export function tabChannel(name: string, hear: (message: TabMessage) => void): TabChannel {
  let channel: BroadcastChannel | undefined;

  const onStorage = ({ key, newValue }: StorageEvent): void => {
    const message = key === name && parse(newValue);
    if (message) hear(message);
  };

  return {
    tell(message) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin only
      channel?.postMessage(message);
      storage.set(name, JSON.stringify(message));
    },
    recall: () => parse(storage.get(name)),
    open() {
      if (typeof BroadcastChannel === 'undefined') return addEventListener('storage', onStorage);
      channel ??= new BroadcastChannel(name);
      channel.addEventListener('message', onMessage);
    },
    close() {
      channel?.close();
      channel = undefined;
      removeEventListener('storage', onStorage);
    },
  };

  function onMessage({ data }: MessageEvent<TabMessage>): void {
    hear(data);
  }
}

function parse(text: string | null): TabMessage | undefined {
  try {
    return JSON.parse(text ?? '') as TabMessage;
  } catch {
    return undefined;
  }
}
