import fc from 'fast-check';
import { mergeReport } from '../../src/policy/activity.js';

test('property: a report moves activity forward only, and never past the present', () => {
  const duration = fc.double({ min: 0, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(duration, fc.double({ min: -1e12, max: 1e12, noNaN: true }), (idleFor, reported) => {
      const merged = mergeReport(idleFor, reported);
      expect(merged).toBeLessThanOrEqual(idleFor);
      expect(merged).toBeGreaterThanOrEqual(0);
    }),
  );
});
