import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServerOptions, ServerState } from '../apps/server.js';
import { Client } from './client.js';

const here = fileURLToPath(new URL('../..', import.meta.url));

/** How many users are signed in, with one connection each. */
export const USERS = 10;
const SECOND = 1000;

/** How a server is started. */
export interface Start {
  /** The folder of the build that it is to use; this one by default. */
  readonly tree?: string | undefined;
  /** More options for Node, like `--cpu-prof`. */
  readonly nodeOptions?: readonly string[] | undefined;
}

/** One of the compared applications in its own process, with ten signed-in users. */
export class Server {
  private constructor(
    private readonly process: ChildProcess,
    readonly url: string,
    readonly cookies: readonly string[],
    private readonly clients: readonly Client[],
  ) {}

  static async start(options: ServerOptions, { tree = here, nodeOptions = [] }: Start = {}): Promise<Server> {
    const child = fork(join(tree, 'bench/apps/server.ts'), {
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
    const cookies = await Promise.all(Array.from({ length: USERS }, () => signIn(url)));
    const clients = await Promise.all(cookies.map((cookie) => Client.open(url, cookie)));
    return new Server(child, url, cookies, clients);
  }

  /**
   * Sends requests from some users at once. Each of them sends the next request when the answer has come.
   *
   * @returns the CPU time of the server per request, in microseconds
   * @throws Error if an answer is not 200
   */
  async cost(path: string, requests: number, users = USERS): Promise<number> {
    const before = await this.cpuTime();
    await Promise.all(this.clients.slice(0, users).map((client) => client.get(path, requests / users)));
    return ((await this.cpuTime()) - before) / requests;
  }

  /**
   * Sends requests of one user, one after the other.
   *
   * @returns how long each took, in milliseconds
   * @throws Error if an answer is not 200
   */
  async latencies(path: string, requests: number): Promise<number[]> {
    const times: number[] = [];
    while (times.length < requests) times.push((await this.clients[0]?.time(path)) as number);
    return times;
  }

  /**
   * Sends one request per second from each user.
   *
   * @returns the number of requests
   * @throws Error if an answer is not 200
   */
  async pace(path: string, seconds: number): Promise<number> {
    await Promise.all(
      this.clients.map(async (client, i) => {
        await sleep((i / USERS) * SECOND);
        for (let second = 0; second < seconds; second += 1) await sleep(SECOND - (await client.time(path)));
      }),
    );
    return seconds * USERS;
  }

  /** The statements sent to Postgres so far, by kind. */
  async statements(): Promise<ReadonlyMap<string, number>> {
    return new Map(Object.entries((await this.state()).statements ?? {}));
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.close();
    const exited = once(this.process, 'exit');
    this.process.disconnect();
    await exited;
  }

  /** User and system time of all threads, in microseconds. */
  private async cpuTime(): Promise<number> {
    const { cpu } = await this.state();
    return cpu.user + cpu.system;
  }

  private async state(): Promise<ServerState> {
    this.process.send('state');
    const [state] = (await once(this.process, 'message')) as [ServerState];
    return state;
  }
}

/** Creates a session and returns its cookie. */
async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/login`, { method: 'POST' });
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0];
  if (response.status !== 201 || cookie === undefined) throw new Error(`Signing in: ${response.status}`);
  return cookie;
}
