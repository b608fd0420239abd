import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** A browser with a single connection. It uses little CPU, because it shares the machine with what is measured. */
export class Client {
  private left = 0;
  private received = '';
  private done: (() => void) | undefined;
  private failed: ((error: Error) => void) | undefined;
  private request = '';

  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
    private readonly cookie: string,
  ) {
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('close', () => this.failed?.(new Error('The server closed the connection')));
  }

  static async open(url: string, cookie: string): Promise<Client> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Client(socket, host, cookie);
  }

  /** Sends requests one after the other. */
  async get(path: string, times: number): Promise<void> {
    this.request = `GET ${path} HTTP/1.1\r\nHost: ${this.host}\r\nCookie: ${this.cookie}\r\n\r\n`;
    this.left = times;
    await new Promise<void>((resolve, reject) => {
      if (this.socket.destroyed) reject(new Error('The server has closed the connection'));
      this.done = resolve;
      this.failed = reject;
      this.socket.write(this.request);
    });
    this.done = this.failed = undefined;
  }

  /** Sends one request, and returns how long it took, in milliseconds. */
  async time(path: string): Promise<number> {
    const startedAt = performance.now();
    await this.get(path, 1);
    return performance.now() - startedAt;
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.received += chunk;
    const endOfHead = this.received.indexOf('\r\n\r\n');
    if (endOfHead === -1) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.received)?.[1] ?? NaN);
    if (!this.received.startsWith('HTTP/1.1 200 ') || Number.isNaN(length)) {
      this.failed?.(new Error(`Not the answer that was expected:\n${this.received}`));
      return;
    }
    if (this.received.length < endOfHead + 4 + length) return;
    this.received = '';
    this.left -= 1;
    if (this.left > 0) this.socket.write(this.request);
    else this.done?.();
  }
}
