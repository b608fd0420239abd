import { clampWarning, type Limits } from '../policy/limits.js';
import { completed } from './declarations.js';
import { type Duration, milliseconds } from './duration.js';
import { LimitDeclarations, type SessionLimits } from './session-limits.js';

/** Returns checked limits in milliseconds, completed with the defaults. Only the default warning is shortened. */
export function limitsOf(given: SessionLimits): Limits {
  const declared = completed(LimitDeclarations, given);
  const warnBefore = milliseconds(declared.warnBefore);
  const limits = {
    idleTimeout: limit(declared.idleTimeout),
    absoluteTimeout: limit(declared.absoluteTimeout),
  };
  return { ...limits, warnBefore: given.warnBefore === undefined ? clampWarning(warnBefore, limits) : warnBefore };
}

function limit(value: Duration | false): number | false {
  return value === false ? false : milliseconds(value);
}
