import ms from 'ms';
import { clampWarning, type Limits } from '../policy/limits.js';
import { defaults, type SessionLimits } from './session-timeout.options.js';

/** A duration in milliseconds; `undefined` if it is none. */
export function milliseconds(value: unknown): number | undefined {
  const parsed =
    typeof value === 'string' && value.length > 0 && value.length <= 100 ? ms(value as ms.StringValue) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) && parsed > 0 ? parsed : undefined;
}

/** The limits that options say, for everybody. */
export function limitsOf(options: SessionLimits): Limits {
  const limits = {
    idleTimeout: limit(options.idleTimeout ?? defaults.idleTimeout),
    absoluteTimeout: limit(options.absoluteTimeout ?? defaults.absoluteTimeout),
  };
  return { ...limits, warnBefore: milliseconds(options.warnBefore) ?? clampWarning(ms(defaults.warnBefore), limits) };
}

function limit(value: SessionLimits['idleTimeout']): number | false {
  return value === false ? false : (milliseconds(value) as number);
}
