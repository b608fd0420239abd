import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs a program of the bench in a process of its own, so that sizes are its own, and `gc()` is there.
 *
 * @param program its path in `bench/`
 * @returns what it sends
 */
export async function inChild<Task, Result>(program: string, task: Task): Promise<Result> {
  const child = fork(fileURLToPath(new URL(`../${program}`, import.meta.url)), {
    execArgv: [...process.execArgv, '--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, BENCH_TASK: JSON.stringify(task) },
  });
  const exited = once(child, 'exit');
  const [result] = (await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`${program} ended with ${code}`))),
  ])) as [Result];
  await exited;
  return result;
}

/** In such a program: what it is to do. */
export function task<Task>(): Task {
  return JSON.parse(process.env['BENCH_TASK'] as string) as Task;
}

/** In such a program: what came of it. It ends with that. */
export function report(result: unknown): void {
  process.send?.(result, () => process.exit());
}
