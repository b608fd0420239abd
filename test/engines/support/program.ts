import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs beside the tests. */
export interface Program {
  /** Waits until it writes what a pattern matches; returns the first group. */
  tells(pattern: RegExp): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a program, with more in its environment. */
export function start(path: string, given: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(path, given, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let written = '';
  const write = (chunk: Buffer): void => void (written += String(chunk));
  child.stdout.on('data', write);
  child.stderr.on('data', write);
  return {
    async tells(pattern) {
      for (;;) {
        const match = pattern.exec(written);
        if (match) return match[1] ?? '';
        if (child.exitCode !== null) throw new Error(`${path} has ended: ${written}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
