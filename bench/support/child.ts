import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs a program of the bench in its own process, so that memory is measured separately and `gc()` is available.
 *
 * @param program its path in `bench/`
 * @returns what it reports
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

/** Call it in such a program: returns its task. */
export function task<Task>(): Task {
  return JSON.parse(process.env['BENCH_TASK'] as string) as Task;
}

/** Call it in such a program: sends the result and ends the program. */
export function report(result: unknown): void {
  process.send?.(result, () => process.exit());
}
