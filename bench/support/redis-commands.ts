import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';

/** How often Redis ran commands, by name. */
export interface Commands {
  /** Those that clients sent. */
  readonly sent: ReadonlyMap<string, number>;
  /** Those that scripts called inside Redis. */
  readonly inScripts: ReadonlyMap<string, number>;
}

/** How many commands clients sent. */
export function total({ sent }: Commands): number {
  return [...sent.values()].reduce((sum, calls) => sum + calls, 0);
}

/**
 * Lists the commands that Redis gets during `work` (`MONITOR`), each of them. It slows Redis down, so do not measure
 * times meanwhile. Nobody else may use Redis.
 */
export async function commandsOf(redisUrl: string, work: () => Promise<unknown>): Promise<Commands> {
  const sent = new Map<string, number>();
  const inScripts = new Map<string, number>();
  const last = randomUUID();
  const monitor = await createClient({ url: redisUrl }).connect();
  const other = await createClient({ url: redisUrl }).connect();
  try {
    let seen!: () => void;
    const all = new Promise<void>((resolve) => (seen = resolve));
    await monitor.monitor((line: unknown) => {
      const [, from, name] = /^\S+ \[\d+ ([^\]]+)\] "([^"]+)"/.exec(String(line)) ?? [];
      if (from === undefined || name === undefined) return;
      if (String(line).includes(last)) return seen();
      const counts = from === 'lua' ? inScripts : sent;
      counts.set(name.toLowerCase(), (counts.get(name.toLowerCase()) ?? 0) + 1);
    });
    await work();
    await other.echo(last);
    await all;
    return { sent, inScripts };
  } finally {
    monitor.destroy();
    other.destroy();
  }
}
