import { storage } from './storage.js';

/** What one tab tells the others. */
export interface TabMessage {
  /** The tag of the session it is about. */
  readonly session: string | undefined;
  /** The answer of the server, as it came; left out, the user is signing out. */
  readonly answer?: unknown;
  /** The time of day from which it counts: a frozen tab hears it late. */
  readonly wall: number;
}

/** The tabs of one browser. Nothing depends on it but speed and traffic: without it a page works alone. */
export interface TabChannel {
  tell(message: TabMessage): void;
  /** The last message of any tab. */
  recall(): TabMessage | undefined;
  open(): void;
  /** Leaves the channel: a message would throw a page out of the back/forward cache. */
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
