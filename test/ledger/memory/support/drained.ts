import type { DueQueue } from '../../../../src/ledger/memory/due-queue.js';

/** Takes everything out of a queue, in its order. */
export function drained(queue: DueQueue): number[] {
  const rows: number[] = [];
  for (let row = queue.first(Infinity); row !== undefined; row = queue.first(Infinity)) {
    rows.push(row);
    queue.delete(row);
  }
  return rows;
}
