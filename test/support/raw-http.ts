import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An answer as it came over the connection. */
export interface RawAnswer {
  /** The status lines and headers of answers before the last one, as 103 has them. */
  readonly informational: readonly string[];
  readonly statusLine: string;
  readonly status: number;
  /** Names as they were written, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** How the length of the body is told. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  readonly body: Buffer;
  readonly trailers: string;
  /** Whether the connection was closed before the answer was complete. */
  readonly isCut: boolean;
}

/** The values of a header. */
export function headerValues({ headers }: Pick<RawAnswer, 'headers'>, name: string): string[] {
  return headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

type Waiting = { readonly isDone: () => boolean; readonly wake: () => void };

/** A connection of HTTP/1.1 that stays open. It sends what it is given, and reads answers byte by byte. */
export class RawConnection {
  private unread: Buffer = Buffer.alloc(0);
  private waiting: Waiting | undefined;
  private isOver = false;

  constructor(private readonly stream: Duplex) {
    stream.on('data', (chunk: Buffer) => {
      this.unread = this.unread.length === 0 ? chunk : Buffer.concat([this.unread, chunk]);
      this.wake();
    });
    const over = () => {
      this.isOver = true;
      this.wake();
    };
    stream.on('end', over).on('close', over).on('error', over);
  }

  static async to(port: number): Promise<RawConnection> {
    const socket: Socket = connect(port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Whether the other side has closed it. */
  get isClosed(): boolean {
    return this.isOver;
  }

  write(request: string | Buffer): void {
    if (!this.stream.writable) return;
    this.stream.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request);
  }

  /** Reads the next answer. `undefined` if the connection was closed without one. */
  async read(method: string): Promise<RawAnswer | undefined> {
    const informational: string[] = [];
    for (;;) {
      await this.until(() => this.unread.includes(HEAD_END));
      const end = this.unread.indexOf(HEAD_END);
      if (end < 0) return undefined;
      const head = this.take(end + HEAD_END.length)
        .toString('latin1')
        .slice(0, -HEAD_END.length);
      const [statusLine = '', ...lines] = head.split('\r\n');
      const status = Number(statusLine.split(' ')[1]);
      if (status >= 100 && status < 200) {
        informational.push(head);
        continue;
      }
      const headers = lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
      });
      return { informational, statusLine, status, headers, ...(await this.body(method, status, headers)) };
    }
  }

  close(): void {
    this.stream.destroy();
  }

  private async body(
    method: string,
    status: number,
    headers: RawAnswer['headers'],
  ): Promise<Pick<RawAnswer, 'framing' | 'body' | 'trailers' | 'isCut'>> {
    const whole = { trailers: '', isCut: false };
    if (method === 'HEAD' || status === 204 || status === 304) {
      return { ...whole, framing: 'none', body: Buffer.alloc(0) };
    }
    const [coding] = headerValues({ headers }, 'transfer-encoding');
    if (coding === 'chunked') return this.chunked();
    const [length] = headerValues({ headers }, 'content-length');
    const count = length === undefined ? Infinity : Number(length);
    await this.until(() => this.unread.length >= count);
    const body = this.take(Math.min(count, this.unread.length));
    if (length === undefined) return { ...whole, framing: 'close', body };
    return { ...whole, framing: 'length', body, isCut: body.length < count };
  }

  private async chunked(): Promise<Pick<RawAnswer, 'framing' | 'body' | 'trailers' | 'isCut'>> {
    const chunks: Buffer[] = [];
    const cut = () => ({ framing: 'chunked' as const, body: Buffer.concat(chunks), trailers: '', isCut: true });
    for (;;) {
      const line = await this.line();
      if (line === undefined) return cut();
      const size = Number.parseInt(line, 16);
      if (size === 0) break;
      await this.until(() => this.unread.length >= size + 2);
      if (this.unread.length < size + 2) return cut();
      chunks.push(this.take(size));
      this.take(2);
    }
    const trailers: string[] = [];
    for (;;) {
      const line = await this.line();
      if (line === undefined) return cut();
      if (line === '') break;
      trailers.push(line);
    }
    return { framing: 'chunked', body: Buffer.concat(chunks), trailers: trailers.join('\n'), isCut: false };
  }

  private async line(): Promise<string | undefined> {
    await this.until(() => this.unread.includes(LINE_END));
    const end = this.unread.indexOf(LINE_END);
    return end < 0
      ? undefined
      : this.take(end + 2)
          .toString('latin1')
          .slice(0, -2);
  }

  private take(count: number): Buffer {
    const taken = this.unread.subarray(0, count);
    this.unread = this.unread.subarray(count);
    return taken;
  }

  private until(isDone: () => boolean): Promise<void> {
    if (isDone() || this.isOver) return Promise.resolve();
    return new Promise((resolve) => (this.waiting = { isDone, wake: resolve }));
  }

  private wake(): void {
    const { waiting } = this;
    if (!waiting || !(this.isOver || waiting.isDone())) return;
    this.waiting = undefined;
    waiting.wake();
  }
}
