import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

/** What belongs to one connection of HTTP/1.1 and may not be passed on (RFC 9113, section 8.2.2). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection', 'upgrade']);

export interface Http2Proxy {
  readonly port: number;
  close(): Promise<void>;
}

/** A proxy that speaks HTTP/2 to browsers, as if over TLS, and HTTP/1.1 to an application. */
export async function startHttp2Proxy(target: number): Promise<Http2Proxy> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => void sessions.add(session));
  server.on('stream', (stream, headers) => forward(stream, headers, target, agent));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const session of sessions) session.destroy();
      agent.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, port: number, agent: Agent): void {
  const { ':method': method, ':path': path, ':authority': host } = headers;
  const passed = Object.entries(headers).filter(([name]) => !name.startsWith(':'));
  const asked = request({ port, method, path, agent, host: '127.0.0.1' } as never, (answer: IncomingMessage) => {
    const kept = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.has(name));
    stream.respond({ ':status': answer.statusCode, ...Object.fromEntries(kept) });
    answer.pipe(stream);
  });
  for (const [name, value] of passed) asked.setHeader(name, value as string);
  asked.setHeader('host', host ?? 'site.example').setHeader('x-forwarded-proto', 'https');
  stream.pipe(asked);
}

/** An answer as a browser gets it over HTTP/2. */
export interface Http2Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends requests over one connection, all at once. */
export async function askOverHttp2(port: number, requests: readonly OutgoingHttpHeaders[]): Promise<Http2Answer[]> {
  const session: ClientHttp2Session = connect(`http://127.0.0.1:${port}`);
  try {
    return await Promise.all(requests.map((headers) => answerTo(session, headers)));
  } finally {
    session.close();
  }
}

async function answerTo(session: ClientHttp2Session, asked: OutgoingHttpHeaders): Promise<Http2Answer> {
  const stream = session.request(asked, { endStream: true });
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return { headers, body: Buffer.concat(chunks) };
}
