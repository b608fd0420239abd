import { describeWithOwnPostgres } from '../instances/support/postgres-server.js';
import { describeWithRedisServer } from '../instances/support/redis-server.js';
import { problemsOf } from './support/problems.js';
import { soak, type SoakOptions } from './support/soak.js';

/** A longer one: npm run soak -- 10m. */
const MILLISECONDS = 25_000;
const PEOPLE = 50;

async function run(on: SoakOptions['on']): Promise<void> {
  const seed = Date.now() % 1e6;
  const findings = await soak({ milliseconds: MILLISECONDS, people: PEOPLE, on, seed });
  expect({ seed, problems: problemsOf(findings) }).toEqual({ seed, problems: [] });
  // It has really been a soak.
  expect(findings.sessions).toBeGreaterThan(PEOPLE);
  expect(Object.keys(findings.troubles).length).toBeGreaterThan(2);
  expect(findings.unavailable).toBeGreaterThan(0);
}

describeWithRedisServer('many users on three instances over a Redis that fails', () => {
  test('nobody is signed out by a fault or let in, and each end is told once', () => run('redis'));
});

describeWithOwnPostgres('many users on three instances over a Postgres that fails', () => {
  test('nobody is signed out by a fault or let in, and each end is told once', () => run('postgres'));
});
