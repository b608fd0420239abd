import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { DelayLine } from './delay-line.js';

/** The network before a database: a TCP proxy that delays what it passes on, and counts the round trips. */
export class Network {
  /**
   * How often something was sent to the database. What is sent while an answer is on its way belongs to the same round
   * trip. Count with a delay and one user at a time.
   */
  roundTrips = 0;
  private isWaiting = false;
  private readonly line = new DelayLine();
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (socket) => this.take(socket));
  }

  /** @param url the database; without delay, until {@link delay} is called */
  static async before(url: string): Promise<Network> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Network(server, new URL(url));
  }

  /** The database, behind this network. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** @param roundTrip how long a round trip takes, in milliseconds: each direction takes half of it */
  delay(roundTrip: number): void {
    this.line.delay = roundTrip / 2;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private take(near: Socket): void {
    const far = connect(Number(this.target.port), this.target.hostname);
    near.on('data', (chunk: Buffer) => {
      if (!this.isWaiting) this.roundTrips += 1;
      this.isWaiting = true;
      this.line.push(() => far.write(chunk));
    });
    far.on('data', (chunk: Buffer) => {
      this.line.push(() => {
        this.isWaiting = false;
        near.write(chunk);
      });
    });
    this.join(near, far);
    this.join(far, near);
  }

  /** Closes one end with the other. */
  private join(one: Socket, other: Socket): void {
    this.sockets.add(one.setNoDelay(true));
    // What was cut off shows at both ends.
    one.on('error', () => {});
    one.on('close', () => {
      this.sockets.delete(one);
      other.destroy();
    });
  }
}
