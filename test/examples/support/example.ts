import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import supertest from 'supertest';
import { eventually, freePort } from '../../instances/support/binaries.js';

const examples = new URL('../../../examples/', import.meta.url).pathname;
const loader = new URL('../../instances/support/typescript.js', import.meta.url).href;

/** A busy machine takes its time. */
const PATIENCE = 90_000;

export type Browser = ReturnType<typeof supertest.agent>;

export interface Running {
  readonly url: string;
  /** A browser that loads pages and keeps its cookies. */
  browser(): Browser;
  stop(): Promise<void>;
}

/**
 * Starts an example in a process of its own, on a free port.
 *
 * @param how `'npm'` does what a reader does; `'node'` is the same program without waiting for the compiler
 */
export async function startExample(
  name: string,
  { how = 'node', env = {} }: { how?: 'npm' | 'node'; env?: Record<string, string> } = {},
): Promise<Running> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = { ...env, PORT: String(port) };
  const program =
    how === 'npm'
      ? run(name, ['npm', 'start'], settings)
      : run(name, [process.execPath, '--import', loader, 'src/main.ts'], settings);
  try {
    await eventually(async () => {
      if (program.hasEnded()) return;
      await fetch(url);
    }, PATIENCE);
    if (program.hasEnded()) throw new Error('It ended by itself');
  } catch (error) {
    await program.stop();
    throw new Error(`The example ${name} did not start:\n${program.output()}`, { cause: error });
  }
  return { url, browser: () => supertest.agent(url).set('Accept', 'text/html,*/*;q=0.8'), stop: program.stop };
}

/** Runs a script of an example's package.json to its end. Returns what it wrote; throws if it failed. */
export async function runScript(name: string, script: string): Promise<string> {
  const program = run(name, ['npm', 'run', script]);
  const code = await program.ended;
  if (code !== 0) throw new Error(`${script} of the example ${name} failed:\n${program.output()}`);
  return program.output();
}

function run(name: string, [command = '', ...args]: string[], settings: Record<string, string> = {}) {
  const { NODE_OPTIONS: _ours, JEST_WORKER_ID: _too, ...env } = process.env;
  const child: ChildProcess = spawn(command, args, {
    cwd: `${examples}${name}`,
    env: { ...env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that what npm starts ends with it
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (text += String(data)));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    ended,
    hasEnded,
    output: () => text,
    async stop() {
      if (!hasEnded()) process.kill(-(child.pid as number), 'SIGKILL');
      await ended;
    },
  };
}
