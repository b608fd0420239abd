import type { Request } from 'express';
import type { Duplex } from 'node:stream';
import { noop } from '../base/noop.js';
import type { Reason } from '../policy/reason.js';
import { refuseUpgrade } from './refused-handshake.js';
import type { SessionSockets } from './session-sockets.js';

/** The close code for a policy that does not allow the socket any more (RFC 6455, section 7.4.1). */
const POLICY_VIOLATION = 1008;
/** How long a client may take to close, in milliseconds. */
const PATIENCE = 1000;

/** A socket of the package `ws`, as far as it is used. */
interface Client {
  request?: Request;
  close(code: number, reason: string): void;
  terminate(): void;
  once(event: 'close', listener: () => void): unknown;
  removeAllListeners(event: 'message'): unknown;
}

type Upgrade = (req: Request, socket: Duplex, head: Buffer, done: unknown) => void;

/** A server of the package `ws`, as far as it is used. */
export interface WsServer {
  handleUpgrade: Upgrade;
  on(event: 'connection', listener: (client: Client, req: Request) => void): unknown;
}

/** Lets a server open sockets only if their session has not ended, and closes them when it ends. */
export function guardWsServer(server: WsServer, sockets: SessionSockets): void {
  const { handleUpgrade } = server;
  server.handleUpgrade = (req, socket, head, done) => {
    // The client may break off while its session is looked for.
    socket.on('error', noop);
    const upgrade = async () => {
      const refusal = await sockets.judge(req);
      socket.off('error', noop);
      if (refusal) refuseUpgrade(socket, refusal);
      else Reflect.apply(handleUpgrade, server, [req, socket, head, done]);
    };
    upgrade().catch(() => socket.destroy());
  };
  server.on('connection', (client, req) => {
    // The same property as on a socket of socket.io, for `status(client.request)`.
    Object.defineProperty(client, 'request', { value: req, configurable: true });
    client.once(
      'close',
      sockets.open(client, req, (reason) => close(client, reason)),
    );
  });
}

/** Removes the listeners, because a client that does not close could still send. */
function close(client: Client, reason: Reason): void {
  client.removeAllListeners('message');
  client.close(POLICY_VIOLATION, reason);
  const timer = setTimeout(() => client.terminate(), PATIENCE).unref();
  client.once('close', () => clearTimeout(timer));
}
