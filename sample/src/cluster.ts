import cluster, { type Worker } from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';

/** Runs several instances behind one port. They share only Redis. */
if (cluster.isPrimary) startInstances();
else await import('./main.js');

function startInstances(): void {
  if (!process.env['REDIS_URL']) {
    console.error('Several instances need a shared store. Start Redis and set REDIS_URL=redis://localhost:6379.');
    process.exit(1);
  }
  const env = { SESSION_SECRET: process.env['SESSION_SECRET'] ?? randomBytes(32).toString('base64url') };
  const instances = Number(process.env['INSTANCES'] ?? Math.max(2, availableParallelism()));
  let stopping = false;

  const start = () => {
    const instance = cluster.fork(env);
    let served = false;
    instance.on('listening', () => (served = true));
    instance.on('exit', (code) => {
      if (stopping) return;
      // An instance that never started would fail again.
      if (served) start();
      else stop(code || 1);
    });
  };
  const stop = (code = 0) => {
    stopping = true;
    process.exitCode = code;
    for (const instance of Object.values(cluster.workers ?? {}) as Worker[]) instance.kill();
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop());
  for (let n = 0; n < instances; n++) start();
}
