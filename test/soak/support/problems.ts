import type { Findings } from './findings.js';

/** By how much the heap of an instance may grow, in bytes: it remembers the sessions that it has seen latest. */
const GROWTH = 20 * 1024 * 1024;

/** What must not have happened, in words. */
export function problemsOf(findings: Findings): string[] {
  const { signedOut, letIn, mistaken, failed, toldTwice, untold, heap } = findings;
  const lists = { signedOut, letIn, mistaken, failed, toldTwice, untold };
  const problems = Object.entries(lists).flatMap(([name, list]) => list.map((one) => `${name}: ${one}`));
  const [before, after] = heap;
  if (!(after - before < GROWTH)) problems.push(`The heap has grown from ${before} to ${after} bytes`);
  return problems;
}
