import { MINUTE, SECOND } from '../policy/time.js';
import { extendsTenTimes, type Limits, NEED_NOT_BE_EXTENDED, shorterLimit, warnsLongEnough } from '../policy/limits.js';
import type { Judgement } from './requirement.js';

/** Whether a limit is on. */
export function isOn(name: string, limit: number | false): Judgement {
  return [limit === false ? 'not-met' : 'met', `${name} is ${shown(limit)}.`];
}

/** Whether the limits are at most so long. */
export function within(limits: Limits, longest: number, longestIdle: number): Judgement {
  const { absoluteTimeout, idleTimeout } = limits;
  const isShort = longest === Infinity || (absoluteTimeout !== false && absoluteTimeout <= longest);
  const met = isShort && shorterLimit(limits) <= longestIdle;
  return [
    met ? 'met' : 'not-met',
    `absoluteTimeout is ${shown(absoluteTimeout)}, idleTimeout is ${shown(idleTimeout)}.`,
  ];
}

/** Whether users are warned in time, and can extend the session often enough (WCAG 2.2, 2.2.1). */
export function timing(limits: Limits): Judgement {
  if (!warnsLongEnough(limits)) return ['not-met', `Users are warned ${limits.warnBefore / SECOND} s before the end.`];
  if (!extendsTenTimes(limits))
    return ['not-met', 'absoluteTimeout is reached before users can extend the session ten times.'];
  const { absoluteTimeout } = limits;
  const fixed = absoluteTimeout !== false && absoluteTimeout <= NEED_NOT_BE_EXTENDED;
  return [
    'depends',
    `Pages have to load the browser client, or to warn users themselves.${
      fixed ? ' The absolute limit cannot be extended: this needs the exception for essential limits.' : ''
    }`,
  ];
}

function shown(limit: number | false): string {
  return limit === false ? 'off' : `${Math.round((limit / MINUTE) * 100) / 100} min`;
}
