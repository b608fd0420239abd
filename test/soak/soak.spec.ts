import { describeWithRedisServer } from '../instances/support/redis-server.js';
import { problemsOf } from './support/problems.js';
import { soak } from './support/soak.js';

const SEED = Date.now() % 1e6;

describeWithRedisServer('a minute over a Redis that hangs, restarts and loses its data', () => {
  test('signs out nobody who is active, and lets in nobody else', async () => {
    const findings = await soak({ milliseconds: 60_000, people: 50, on: 'redis', seed: SEED });
    expect({ seed: SEED, problems: problemsOf(findings) }).toEqual({ seed: SEED, problems: [] });
    expect(findings.sessions).toBeGreaterThan(50);
  });
});
