import type { Request } from 'express';
import { ServerResponse } from 'node:http';
import type { Reason } from '../policy/reason.js';
import { type Refusal, refuseUpgrade } from './refused-handshake.js';
import type { SessionSockets } from './session-sockets.js';

/** A connection of Engine.IO, as far as it is used: it carries the sockets of all namespaces. */
interface Connection {
  readonly request: Request;
  once(event: 'close', listener: () => void): unknown;
  close(): void;
}

interface Socket {
  readonly conn: Connection;
  emit(event: string, reason: Reason): unknown;
  disconnect(close: boolean): unknown;
  once(event: 'disconnect', listener: () => void): unknown;
}

interface Namespace {
  on(event: 'connection', listener: (socket: Socket) => void): unknown;
}

type EngineRequest = Request & { readonly _query: { readonly sid?: string } };

interface Engine {
  use(middleware: (req: EngineRequest, res: object, next: () => void) => void): void;
  on(event: 'connection', listener: (connection: Connection) => void): unknown;
}

/** A server of socket.io, as far as it is used. */
export interface IoServer {
  readonly engine: Engine;
  readonly sockets: Namespace;
  on(event: 'new_namespace', listener: (namespace: Namespace) => void): unknown;
}

/** A server or one of its namespaces, as an adapter creates it. */
export type IoServerOrNamespace = IoServer | (Namespace & { readonly server: IoServer });

/** The guarded servers and namespaces, no matter which code has created them. */
const guarded = new WeakSet<object>();

/** The sockets of each connection. */
const socketsOf = new WeakMap<Connection, Set<Socket>>();

/** Lets a server connect only clients whose session has not ended, and disconnects them when it ends. */
export function guardIoServer(created: IoServerOrNamespace, sockets: SessionSockets): void {
  const server = 'server' in created ? created.server : created;
  if ('server' in created) collect(created);
  if (guarded.has(server)) return;
  guarded.add(server);
  collect(server.sockets);
  server.on('new_namespace', collect);
  server.engine.use((req, res, next) => void admit(req, res, next, sockets));
  server.engine.on('connection', (connection) => {
    const stop = sockets.open(connection, connection.request, (reason) => disconnect(connection, reason));
    connection.once('close', stop);
  });
}

/**
 * Only the first request of a connection is a handshake. The other requests contain an id that is as secret as a
 * cookie. For Engine.IO, a request with an empty id is a handshake, too.
 */
async function admit(req: EngineRequest, res: object, next: () => void, sockets: SessionSockets): Promise<void> {
  const refusal = req._query.sid ? undefined : await sockets.judge(req);
  if (!refusal) next();
  else if (res instanceof ServerResponse) answer(res, refusal);
  else refuseUpgrade(req.socket, refusal);
}

function answer(res: ServerResponse, { status, headers, body }: Refusal): void {
  res.writeHead(status, headers).end(body);
}

function collect(namespace: Namespace): void {
  if (guarded.has(namespace)) return;
  guarded.add(namespace);
  namespace.on('connection', (socket) => {
    const sockets = socketsOf.get(socket.conn) ?? new Set();
    socketsOf.set(socket.conn, sockets.add(socket));
    socket.once('disconnect', () => sockets.delete(socket));
  });
}

/** Disconnects a client. It does not connect again by itself, because the server has disconnected it. */
function disconnect(connection: Connection, reason: Reason): void {
  const sockets = [...(socketsOf.get(connection) ?? [])];
  for (const socket of sockets) socket.emit('session-expired', reason);
  for (const socket of sockets) socket.disconnect(true);
  if (sockets.length === 0) connection.close();
}
