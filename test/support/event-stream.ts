import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestApp } from './app.js';

/** An event stream as a client sees it. */
export interface EventStream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Everything that has come so far. */
  text(): string;
  /** Whether the server has ended it. */
  isOver(): boolean;
  /** Settles when the server ends it. */
  readonly over: Promise<void>;
  /** Goes away, as a closed tab does. */
  leave(): void;
}

/** Opens an event stream. The application has to listen. */
export async function openStream({ app }: Pick<TestApp, 'app'>, path: string, cookie?: string): Promise<EventStream> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const request = get({
    port,
    path,
    agent: false,
    headers: { accept: 'text/event-stream', ...(cookie && { cookie }) },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  let isOver = false;
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  response.on('error', () => undefined);
  const over = once(response, 'end').then(() => void (isOver = true));
  over.catch(() => undefined);
  return {
    status: response.statusCode as number,
    headers: response.headers,
    text: () => text,
    isOver: () => isOver,
    over,
    leave: () => request.destroy(),
  };
}
