import { type LimitPair, type Limits, longerLimits } from '../policy/limits.js';
import type { Settings } from './settings.js';

/** Returns the limits that sessions may have, as far as this process knows: those of the options, and of `limitsFor`. */
export function knownLimits({
  limits,
  returnedLimits,
}: Pick<Settings, 'limits' | 'returnedLimits'>): readonly Limits[] {
  return [limits, ...returnedLimits.map((returned) => returned.limits)];
}

/** Returns the longest limits that a session may have, as far as this process knows. */
export function longestLimits(settings: Pick<Settings, 'limits' | 'returnedLimits'>): Limits {
  return { ...knownLimits(settings).reduce<LimitPair>(longerLimits, settings.limits), warnBefore: 0 };
}
