import { eventually, freePort } from './binaries.js';
import { RedisServer } from './redis-server.js';

const SLOTS = 16_384;
const CLUSTER = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'];

/** A Redis Cluster of several servers without replicas. It keeps nothing on disk. */
export class RedisCluster {
  private constructor(readonly servers: readonly RedisServer[]) {}

  static async start(size = 3): Promise<RedisCluster> {
    // The default port of the cluster bus may be above 65535.
    const busPorts = await Promise.all(Array.from({ length: size }, freePort));
    const servers = await Promise.all(
      busPorts.map((port) => RedisServer.start(...CLUSTER, '--cluster-port', String(port))),
    );
    const cluster = new RedisCluster(servers);
    for (const [index, server] of servers.entries()) {
      const slot = (share: number) => Math.floor((SLOTS * share) / size);
      await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      await server.command('CLUSTER', 'ADDSLOTSRANGE', String(slot(index)), String(slot(index + 1) - 1));
      const first = servers[0] as RedisServer;
      await server.command('CLUSTER', 'MEET', '127.0.0.1', String(first.port), String(busPorts[0]));
    }
    await eventually(async () => {
      for (const server of servers) {
        const state = String(await server.command('CLUSTER', 'INFO'));
        if (!state.includes('cluster_state:ok') || !state.includes(`cluster_known_nodes:${size}\r`)) {
          throw new Error(`It is not ready: ${state}`);
        }
      }
    }, 30_000);
    return cluster;
  }

  /** For node-redis. */
  get rootNodes(): { url: string }[] {
    return this.servers.map(({ url }) => ({ url }));
  }

  /** For ioredis. */
  get nodes(): { host: string; port: number }[] {
    return this.servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}
