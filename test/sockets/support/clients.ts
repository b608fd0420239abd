import { once } from 'node:events';
import { io, type ManagerOptions, type Socket as IoSocket, type SocketOptions } from 'socket.io-client';
import { WebSocket } from 'ws';

/** A socket as a page has it, by either protocol. */
export interface Client {
  /** Sends a message and returns what comes back. */
  ask(event: string, data?: unknown): Promise<unknown>;
  /** Sends a message that nobody answers. */
  send(event: string, data?: unknown): void;
  isOpen(): boolean;
  /** Why the server has closed it. */
  readonly closed: Promise<{ reason: string; code: number }>;
  leave(): void;
}

export interface Knock {
  readonly port: number;
  readonly path?: string;
  readonly cookie?: string | undefined;
  readonly origin?: string | undefined;
}

/** How a socket is opened: resolves to a client, or to the status that its handshake was refused with. */
export type Connect = (knock: Knock) => Promise<Client | number>;

const clients: Client[] = [];
export function leaveAll(): void {
  for (const client of clients.splice(0)) client.leave();
}

function kept(client: Client): Client {
  client.closed.catch(() => undefined);
  clients.push(client);
  return client;
}

const headersOf = ({ cookie, origin }: Knock) => ({ ...(cookie && { cookie }), ...(origin && { origin }) });

export const connectWs: Connect = async (knock) => {
  const socket = new WebSocket(`ws://localhost:${knock.port}${knock.path ?? '/live'}`, { headers: headersOf(knock) });
  const refused = new Promise<number>((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode as number);
    });
  });
  const opened = once(socket, 'open');
  const status = await Promise.race([refused, opened.then(() => undefined)]);
  if (status !== undefined) return status;
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
  socket.on('error', () => undefined);
  return kept({
    async ask(event, data = null) {
      socket.send(JSON.stringify({ event, data }));
      const [message] = (await once(socket, 'message')) as [Buffer];
      return (JSON.parse(message.toString()) as { data: unknown }).data;
    },
    send: (event, data = null) => socket.send(JSON.stringify({ event, data })),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    closed,
    leave: () => socket.terminate(),
  });
};

/** The client of socket.io. How often it has tried to connect again is found on {@link IoClient.reconnects}. */
export interface IoClient extends Client {
  reconnects(): number;
}

export const connectIo =
  (transports: ('polling' | 'websocket')[]): Connect =>
  async (knock) => {
    const options: Partial<ManagerOptions & SocketOptions> = {
      path: knock.path ?? '/live',
      transports,
      extraHeaders: headersOf(knock),
      forceNew: true,
      reconnectionDelay: 10,
    };
    const socket: IoSocket = io(`http://localhost:${knock.port}`, options);
    const refused = new Promise<number>((resolve) => {
      socket.once('connect_error', (error) => resolve(statusIn(error)));
    });
    const connected = new Promise<undefined>((resolve) => socket.once('connect', () => resolve(undefined)));
    const failed = await Promise.race([refused, connected]);
    if (failed !== undefined) {
      socket.disconnect();
      return failed;
    }
    let reconnects = 0;
    let reason = '';
    socket.io.on('reconnect_attempt', () => (reconnects += 1));
    socket.on('session-expired', (why: string) => (reason = why));
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      socket.on('disconnect', (how) => resolve({ code: how === 'io server disconnect' ? 1008 : 0, reason }));
    });
    const answer = (event: string) =>
      new Promise<unknown>((resolve) => {
        socket.onAny((name: string, data: unknown) => name !== event && resolve(data));
      });
    const client: IoClient = {
      ask(event, data = null) {
        const answered = answer(event);
        socket.emit(event, data);
        return answered;
      },
      send: (event, data = null) => void socket.emit(event, data),
      isOpen: () => socket.connected,
      closed,
      leave: () => void socket.disconnect(),
      reconnects: () => reconnects,
    };
    return kept(client);
  };

/** The status of a handshake that was refused: by polling it is a number, by WebSocket it stands in a message. */
function statusIn(error: Error): number {
  const { description } = error as Error & { readonly description?: number | { readonly message?: string } };
  return Number(/\d{3}/.exec(String((description as { message?: string })?.message ?? description))?.[0]);
}
