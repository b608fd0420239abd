import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { describeIf, eventually, findBinary, freePort } from './binaries.js';

/** What clients send when they connect. */
const GREETINGS = new Set(['hello', 'client']);

const binary = findBinary('redis-server');

/** `describe` for what needs a `redis-server` of its own, to stop, pause and flush it. */
export const describeWithRedisServer = describeIf(
  binary,
  'no redis-server on this machine (Debian: apt-get install redis-server)',
);

/** `describe` for what needs any Redis: that of `REDIS_URL`, or one of its own. */
export const describeWithRedis = describeIf(
  process.env['REDIS_URL'] ?? binary,
  'neither REDIS_URL is set nor is there a redis-server on this machine',
);

/** A Redis that a test does as it likes with. It keeps nothing on disk. */
export class RedisServer {
  private process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly options: readonly string[],
  ) {}

  static async start(...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), await mkdtemp(join(tmpdir(), 'redis-')), options);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', this.folder];
    this.process = spawn(binary as string, [...options, ...this.options], { stdio: 'ignore' });
    await eventually(() => this.command('PING'));
  }

  /** Sends one command on a connection of its own. */
  async command(...args: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  /** The commands that clients send meanwhile, without those that scripts call. */
  async sent(work: () => Promise<unknown>): Promise<string[]> {
    const monitor = createClient({ url: this.url });
    await monitor.connect();
    const commands: string[] = [];
    const last = randomUUID();
    let isOver = false;
    await monitor.monitor((line) => {
      const [, source, command = ''] = /\[\d+ (\S+)\] "(\w+)"/.exec(String(line)) ?? [];
      isOver ||= String(line).includes(last);
      if (!isOver && source !== 'lua') commands.push(command.toLowerCase());
    });
    await work();
    await this.command('ECHO', last);
    await eventually(() => {
      if (!isOver) throw new Error('not yet');
    });
    monitor.destroy();
    return commands.filter((command) => !GREETINGS.has(command));
  }

  /** It answers nothing, but its port still takes connections: as if it hung. */
  pause(): void {
    this.process?.kill('SIGSTOP');
  }

  resume(): void {
    this.process?.kill('SIGCONT');
  }

  /** Stops it at once; everything it held is gone. */
  async stop(): Promise<void> {
    const { process: running } = this;
    this.process = undefined;
    if (!running) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
  }
}

/** The Redis of `REDIS_URL`, or one that is started for this and stopped with it. */
export async function anyRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const url = process.env['REDIS_URL'];
  return url ? { url, stop: async () => {} } : RedisServer.start();
}
