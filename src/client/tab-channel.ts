/** What one tab tells the others. */
export interface TabMessage {
  /** The tag of the session it is about. */
  readonly session?: string | undefined;
  /** The answer of the server, as it came. */
  readonly answer?: unknown;
  /** The user is signing out. */
  readonly signingOut?: true;
  /** The time of day from which the answer counts: a frozen tab hears it late. */
  readonly wall: number;
}

/** The tabs of one browser. Nothing depends on it but speed and traffic: without it a page works alone. */
export interface TabChannel {
  tell(message: TabMessage): void;
  /** The last message of any tab. */
  recall(): TabMessage | undefined;
  /** Leaves the channel: a message would throw a page out of the back/forward cache. */
  close(): void;
  open(): void;
}

/** @param name the same for all tabs of one application */
export function tabChannel(name: string, hear: (message: TabMessage) => void): TabChannel {
  let channel: BroadcastChannel | undefined;

  const onMessage = ({ data }: MessageEvent<unknown>): void => {
    if (isMessage(data)) hear(data);
  };
  const onStorage = ({ key, newValue }: StorageEvent): void => {
    const message = key === name ? parse(newValue) : undefined;
    if (message) hear(message);
  };

  return {
    tell(message) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin only
      channel?.postMessage(message);
      try {
        localStorage.setItem(name, JSON.stringify(message));
      } catch {
        // Switched off or full: the channel alone has to do.
      }
    },
    recall() {
      try {
        return parse(localStorage.getItem(name));
      } catch {
        return undefined;
      }
    },
    close() {
      channel?.close();
      channel = undefined;
      removeEventListener('storage', onStorage);
    },
    open() {
      if (typeof BroadcastChannel === 'undefined') return addEventListener('storage', onStorage);
      if (channel) return;
      channel = new BroadcastChannel(name);
      channel.addEventListener('message', onMessage);
    },
  };
}

function parse(text: string | null): TabMessage | undefined {
  try {
    const message: unknown = JSON.parse(text ?? 'null');
    return isMessage(message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is TabMessage {
  return typeof value === 'object' && value !== null && typeof (value as TabMessage).wall === 'number';
}
