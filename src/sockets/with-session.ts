import type { INestApplication, WebSocketAdapter } from '@nestjs/common';
import { countMessages } from './message-activity.js';
import { SessionSockets } from './session-sockets.js';
import { resolveSocketOptions, type SessionSocketOptions } from './socket-options.js';
import { guardIoServer, type IoServerOrNamespace } from './socket-io-server.js';
import { guardWsServer, type WsServer } from './ws-server.js';

/** `WsAdapter` of `@nestjs/platform-ws`, `IoAdapter` of `@nestjs/platform-socket.io`, or a subclass of one of them. */
export type SocketAdapterClass = new (...args: never[]) => WebSocketAdapter;

/** An adapter that ends sockets with their session. Other options are passed to the adapter that it extends. */
export type SessionAdapter<A extends SocketAdapterClass> = new (
  app: INestApplication,
  options: SessionSocketOptions & Readonly<Record<string, unknown>>,
) => InstanceType<A>;

/**
 * Extends a WebSocket adapter so that sockets end with their session, no matter which guards the gateways have.
 *
 * A handshake is refused with 401 if its session has ended, with 403 if it comes from another origin, and with 503
 * while the session cannot be judged. When the session ends, an open socket is closed with the code 1008 and the
 * reason. With socket.io, the event `session-expired` comes first. Anonymous sockets are left alone. Messages are
 * passive, except to handlers or gateways with `@PassiveRoute(false)`.
 *
 * @example
 * const adapter = new (withSession(WsAdapter))(app, { session: sessions });
 * app.use(sessions);
 * app.useWebSocketAdapter(adapter);
 *
 * @throws TypeError for invalid options, when the adapter is created
 */
export function withSession<A extends SocketAdapterClass>(Adapter: A): SessionAdapter<A> {
  const Base = Adapter as unknown as new (...args: unknown[]) => WebSocketAdapter;
  class SocketAdapterWithSession extends Base {
    readonly #sockets: SessionSockets;

    constructor(app: INestApplication, options: SessionSocketOptions) {
      const { session, checkInterval, origins, ...others } = { ...options };
      super(app, others);
      this.#sockets = new SessionSockets(app, resolveSocketOptions({ session, checkInterval, origins }));
      countMessages(app);
    }

    override create(port: number, options?: object): unknown {
      const server: unknown = super.create(port, options);
      guard(server, this.#sockets);
      return server;
    }
  }
  return SocketAdapterWithSession as unknown as SessionAdapter<A>;
}

/** The guarded servers. Several gateways may share a server, for example with one namespace each. */
const guarded = new WeakSet<object>();

function guard(server: unknown, sockets: SessionSockets): void {
  if (isWsServer(server)) {
    if (!guarded.has(server)) guardWsServer(server, sockets);
    guarded.add(server);
  } else if (isIoServer(server)) guardIoServer(server, sockets);
  else throw new Error('withSession() works with adapters that create servers of the package ws or of socket.io.');
}

function isWsServer(server: unknown): server is WsServer & object {
  return typeof (server as Partial<WsServer> | undefined)?.handleUpgrade === 'function';
}

function isIoServer(server: unknown): server is IoServerOrNamespace {
  const { engine, server: parent } = (server ?? {}) as { engine?: object; server?: { engine?: object } };
  return engine !== undefined || parent?.engine !== undefined;
}
