import { createClient } from 'redis';

/** How often Redis ran a command, and how long that took it altogether, in microseconds. */
export interface CommandStats {
  readonly calls: number;
  readonly time: number;
}

/** What Redis did. */
export interface Traffic {
  /** By command. Contains also what scripts call inside Redis, whose time is part of the script's. */
  readonly commands: ReadonlyMap<string, CommandStats>;
  /** Bytes that Redis received. */
  readonly received: number;
  /** Bytes that Redis sent. */
  readonly sent: number;
}

/** Asks Redis what it did during `work` (`INFO`). Nobody else may use Redis meanwhile. */
export async function trafficOf(redisUrl: string, work: () => Promise<unknown>): Promise<Traffic> {
  const client = await createClient({ url: redisUrl }).connect();
  const info = async (): Promise<Traffic> => {
    const text = `${await client.info('commandstats')}${await client.info('stats')}`;
    const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1]);
    const stats = [...text.matchAll(/^cmdstat_(\S+?):calls=(\d+),usec=(\d+)/gm)];
    return {
      commands: new Map(
        stats.map(([, name, calls, time]) => [name as string, { calls: Number(calls), time: Number(time) }]),
      ),
      received: number('total_net_input_bytes'),
      sent: number('total_net_output_bytes'),
    };
  };
  try {
    // `INFO` is traffic too.
    const own = difference(await info(), await info());
    const before = await info();
    await work();
    const { commands, ...bytes } = difference(own, difference(before, await info()));
    return { commands: new Map([...commands].filter(([name]) => name !== 'info')), ...bytes };
  } finally {
    client.destroy();
  }
}

function difference(from: Traffic, to: Traffic): Traffic {
  const none = { calls: 0, time: 0 };
  const stats = [...to.commands].map(([name, { calls, time }]) => {
    const before = from.commands.get(name) ?? none;
    return [name, { calls: calls - before.calls, time: time - before.time }] as const;
  });
  return {
    commands: new Map(stats.filter(([, { calls }]) => calls !== 0)),
    received: to.received - from.received,
    sent: to.sent - from.sent,
  };
}
