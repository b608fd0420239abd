import cluster from 'node:cluster';

// Two processes share the port. Each new connection goes to the next of them.
if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  await import('./instance.js');
}
