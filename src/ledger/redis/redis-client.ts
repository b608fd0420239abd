import { createHash } from 'node:crypto';

/** What is used of a client of `redis` (node-redis) 5 or 6: a single one, a pool, a sentinel or a cluster. */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** What is used of a client of `ioredis` 5 or 6: a single one or a cluster. */
export interface IoRedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** The application's own client. Connecting, closing and its `error` event are the application's business. */
export type RedisClient = NodeRedisClient | IoRedisClient;

/** A Lua script with one key, and the name under which Redis knows it once it has run. */
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
 * How to run scripts with a client, whichever library it is from.
 *
 * @throws TypeError if it is no client of either
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

/**
 * While it is connected, the same client without the bound that node-redis 6 has on how long a command waits
 * to be sent: it makes an `AbortSignal` for each, which is dear, and nothing waits then. Without a connection
 * the bound is what takes commands back that nobody waits for any more.
 */
function quickest(client: NodeRedisClient): () => NodeRedisClient {
  const connected: Partial<Connected> = client;
  const unbounded = connected.withCommandOptions?.({ timeout: undefined }) ?? client;
  return () => (connected.isReady === true ? unbounded : client);
}

interface Connected extends NodeRedisClient {
  readonly isReady: boolean;
  withCommandOptions(options: { timeout: undefined }): NodeRedisClient;
}

type Send = (scriptOrSha1: string, key: string, values: readonly string[]) => Promise<unknown>;

/** Redis forgets scripts when it restarts; sent as a whole, a script is known from then on. */
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
