import autocannon from 'autocannon';
import type { Server } from './server.js';

/** The result of a server under load. */
export interface Throughput {
  /** Answers per second. */
  readonly rate: number;
  /** How long each request took, in milliseconds. */
  readonly latencies: readonly number[];
}

/**
 * Sends as many requests as a server can answer, from all its users at once.
 *
 * @throws Error if an answer is not 200
 */
export async function flood(server: Server, path: string, seconds: number): Promise<Throughput> {
  const latencies: number[] = [];
  let next = 0;
  const options: autocannon.Options = {
    url: server.url + path,
    connections: server.cookies.length,
    duration: seconds,
    setupClient: (client) => client.setHeaders({ cookie: server.cookies[next++ % server.cookies.length] }),
  };
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(options, (error: unknown, outcome) => (error ? reject(error) : resolve(outcome)));
    run.on('response', (_client, _status, _bytes, time) => latencies.push(time));
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${server.url}${path}: not all requests got 200`);
  return { rate: latencies.length / result.duration, latencies };
}
