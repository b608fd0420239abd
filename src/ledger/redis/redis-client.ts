import { createHash } from 'node:crypto';

/** A client of `redis` (node-redis) 5 or 6, as far as it is used: a single client, a pool, a sentinel or a cluster. */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client of `ioredis` 5 or 6, as far as it is used: a single client or a cluster. */
export interface IoRedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** The application's own client. The application connects it, closes it and handles its `error` event. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** A Lua script with one key, and the SHA-1 by which Redis knows it once it has run. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

export function script(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/** Runs a script on one key. */
export type Run = (script: Script, key: string, values: readonly string[]) => Promise<unknown>;

/**
 * Returns a function that runs scripts with a client of either library.
 *
 * @throws TypeError if it is not such a client
 */
export function runnerFor(client: RedisClient): Run {
  if (isNodeRedis(client)) {
    const commands = quickest(client);
    return withFallback(
      (sha1, key, values) => commands().evalSha(sha1, { keys: [key], arguments: [...values] }),
      (text, key, values) => commands().eval(text, { keys: [key], arguments: [...values] }),
    );
  }
  if (isIoRedis(client)) {
    return withFallback(
      (sha1, key, values) => client.evalsha(sha1, 1, key, ...values),
      (text, key, values) => client.eval(text, 1, key, ...values),
    );
  }
  throw new TypeError('new RedisLedger(client) needs a client of redis (node-redis) 5 or 6, or of ioredis 5 or 6.');
}

/** Whether the client is for a cluster, whose keys are on several servers. */
export function isCluster(client: RedisClient): boolean {
  const { isCluster, getSlotMaster } = client as { isCluster?: unknown; getSlotMaster?: unknown };
  return isCluster === true || typeof getSlotMaster === 'function';
}

/**
 * While connected, returns the same client without the command timeout of node-redis 6. The timeout creates an
 * expensive `AbortSignal` for each command, and commands do not have to wait while connected. Without a connection,
 * the timeout removes commands that nobody waits for any more.
 */
export function quickest<Client extends object>(client: Client): () => Client {
  const connected = client as Partial<Connected<Client>>;
  const unbounded = connected.withCommandOptions?.({ timeout: undefined }) ?? client;
  return () => (connected.isReady === true ? unbounded : client);
}

interface Connected<Client> {
  readonly isReady: boolean;
  withCommandOptions(options: { timeout: undefined }): Client;
}

type Send = (scriptOrSha1: string, key: string, values: readonly string[]) => Promise<unknown>;

/** Redis forgets scripts when it restarts. Once a script has been sent as text, Redis knows it again. */
function withFallback(bySha1: Send, asText: Send): Run {
  return async ({ text, sha1 }, key, values) => {
    try {
      return await bySha1(sha1, key, values);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return asText(text, key, values);
    }
  };
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  return typeof (client as Partial<NodeRedisClient> | undefined)?.evalSha === 'function';
}

function isIoRedis(client: RedisClient): client is IoRedisClient {
  return typeof (client as Partial<IoRedisClient> | undefined)?.evalsha === 'function';
}
