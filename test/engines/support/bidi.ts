import { WebSocket } from 'ws';

type Values = Record<string, unknown>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Values;
  readonly result?: Values;
  readonly error?: string;
  readonly message?: string;
}

/** A connection that speaks WebDriver BiDi, see https://w3c.github.io/webdriver-bidi/. */
export interface Bidi {
  /** Sends a command and returns its result. */
  send<T = Values>(method: string, params?: Values): Promise<T>;
  /** Calls `hear` for each event of a kind, once the browser was told to send them (`session.subscribe`). */
  on(event: string, hear: (params: Values) => void): () => void;
  close(): void;
}

export async function connect(url: string): Promise<Bidi> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  let count = 0;

  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id === undefined) for (const listener of listeners) listener(message);
    else waiting.get(message.id)?.(message);
  });
  socket.on('close', () => {
    for (const answer of waiting.values()) answer({ error: 'closed', message: 'The browser has gone.' });
  });

  return {
    send<T>(method: string, params: Values = {}) {
      const id = ++count;
      return new Promise<T>((resolve, reject) => {
        waiting.set(id, ({ result, error, message }) => {
          waiting.delete(id);
          if (error) reject(new Error(`${method}: ${error}: ${message}`));
          else resolve(result as T);
        });
        socket.send(JSON.stringify({ id, method, params }));
      });
    },
    on(event, hear) {
      const listener = ({ method, params = {} }: Message): void => void (method === event && hear(params));
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => socket.terminate(),
  };
}
