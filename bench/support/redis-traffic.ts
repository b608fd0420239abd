import { createClient } from 'redis';

/** The commands and bytes that Redis received. */
export interface Traffic {
  /** Calls by command. */
  readonly commands: ReadonlyMap<string, number>;
  /** Bytes that Redis received. */
  readonly received: number;
  /** Bytes that Redis sent. */
  readonly sent: number;
}

/** Commands that only the scripts of a ledger call, inside Redis. */
const IN_SCRIPTS = new Set(['time', 'hmget', 'hset', 'pttl', 'pexpire', 'exists']);

/** The number of commands that came over the network. */
export function roundTrips({ commands }: Traffic): number {
  return [...commands].reduce((sum, [name, calls]) => sum + (IN_SCRIPTS.has(name) ? 0 : calls), 0);
}

/** Counts the commands that Redis gets during `work` (`INFO`). Nobody else may use Redis meanwhile. */
export async function trafficOf(redisUrl: string, work: () => Promise<unknown>): Promise<Traffic> {
  const client = await createClient({ url: redisUrl }).connect();
  const info = async (): Promise<Traffic> => {
    const text = `${await client.info('commandstats')}${await client.info('stats')}`;
    const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1]);
    const calls = [...text.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)];
    return {
      commands: sent(new Map(calls.map(([, name, count]) => [name as string, Number(count)]))),
      received: number('total_net_input_bytes'),
      sent: number('total_net_output_bytes'),
    };
  };
  try {
    // `INFO` is traffic too.
    const own = difference(await info(), await info());
    const before = await info();
    await work();
    return difference(own, difference(before, await info()));
  } finally {
    client.destroy();
  }
}

/** Takes off the HGETALLs of scripts: each script asks for the time, and then for either the whole hash or a part. */
function sent(commands: Map<string, number>): Map<string, number> {
  const calls = (name: string) => commands.get(name) ?? 0;
  return commands.set('hgetall', calls('hgetall') - (calls('time') - calls('hmget')));
}

function difference(from: Traffic, to: Traffic): Traffic {
  const counts = [...to.commands].map(([name, calls]) => [name, calls - (from.commands.get(name) ?? 0)] as const);
  return {
    commands: new Map(counts.filter(([, calls]) => calls !== 0)),
    received: to.received - from.received,
    sent: to.sent - from.sent,
  };
}
