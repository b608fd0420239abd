import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServerOptions, ServerState } from '../apps/server.js';
import { Client } from './client.js';

const program = fileURLToPath(new URL('../apps/server.ts', import.meta.url));
const CONNECTIONS = 10;

/** One of the compared applications in its own process, with ten signed-in users. */
export class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
    readonly cookies: readonly string[],
    private readonly clients: readonly Client[],
  ) {}

  /** @param nodeOptions additional options for Node, like `--cpu-prof` */
  static async start(options: ServerOptions, nodeOptions: readonly string[] = []): Promise<Server> {
    const child = fork(program, {
      execArgv: [...process.execArgv, ...nodeOptions],
      // Its warnings are expected here.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'test', BENCH_SERVER: JSON.stringify(options) },
    });
    const [{ port }] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error('The server did not start'))),
    ]);
    const url = `http://127.0.0.1:${port}`;
    const cookies = await Promise.all(Array.from({ length: CONNECTIONS }, () => signIn(url)));
    const clients = await Promise.all(cookies.map((cookie) => Client.open(url, cookie)));
    return new Server(child, url, cookies, clients);
  }

  /**
   * Sends requests from all users at once.
   *
   * @returns the CPU time of the server per request, in microseconds
   * @throws Error if an answer is not 200
   */
  async cost(path: string, requests: number): Promise<number> {
    const before = await this.cpuTime();
    await Promise.all(this.clients.map((client) => client.get(path, requests / CONNECTIONS)));
    return ((await this.cpuTime()) - before) / requests;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    const exited = once(this.process, 'exit');
    this.process.disconnect();
    await exited;
  }

  /** User and system time of all threads, in microseconds. */
  private async cpuTime(): Promise<number> {
    this.process.send('state');
    const [{ cpu }] = (await once(this.process, 'message')) as [ServerState];
    return cpu.user + cpu.system;
  }
}

/** Creates a session and returns its cookie. */
async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/login`, { method: 'POST' });
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
  if (response.status !== 201 || cookie === undefined) throw new Error(`Signing in: ${response.status}`);
  return cookie;
}
